"""The locked requirements, and where they are installed."""

import re
import tomllib

import pytest

from deploy.stack import ROOT

LAYER = "layers/dependencies/requirements.txt"


def locked(file):
    """Versions by package."""
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / file).read_text(), re.MULTILINE))


def test_the_layer_leaves_out_what_lambda_brings():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert locked(LAYER).keys() >= set(project["dependencies"])
    assert not locked(LAYER).keys() & set(project["optional-dependencies"]["lambda"])


@pytest.mark.parametrize("file", [LAYER, "requirements-test.txt"])
def test_a_package_has_one_version_everywhere(file):
    demo, other = locked("requirements.txt"), locked(file)

    shared = demo.keys() & other.keys()
    assert shared
    assert {name: other[name] for name in shared} == {name: demo[name] for name in shared}


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-test.txt", LAYER])
def test_every_locked_package_has_hashes_and_no_place_of_its_own(file):
    lines = (ROOT / file).read_text().splitlines()

    packages = [line for line in lines if not line.startswith(" ")]
    assert packages
    assert [line for line in packages if "==" not in line or not line.endswith("\\")] == []
    assert [line for line in lines if "://" in line] == []
