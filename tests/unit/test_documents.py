"""What the documents tell people to type or to read is there, wherever they are."""

import json
import re
import subprocess
import sys

import pytest

from deploy.stack import ROOT

_DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("model/**/*.md")]
_WRITTEN = "\n".join(path.read_text() for path in [ROOT / "Makefile", *_DOCUMENTS])
_TARGETS = sorted(set(re.findall(r"(?:^|`)make ([a-z]+)", _WRITTEN, re.MULTILINE)))
_FIND = """
import json, sys
from importlib.util import find_spec

def runs(name):
    spec = find_spec(name)
    return spec and (not spec.submodule_search_locations or find_spec(f"{name}.__main__"))

print(json.dumps([name for name in sys.argv[1:] if not runs(name)]))
"""


def test_every_documented_module_is_found_from_another_directory(tmp_path):
    modules = sorted(set(re.findall(r"python -m ([a-z_.]*[a-z])", _WRITTEN)))
    assert modules

    found = subprocess.run(
        [sys.executable, "-c", _FIND, *modules],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(found.stdout) == []


@pytest.mark.parametrize("target", _TARGETS)
def test_every_documented_target_of_make_is_one(target):
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("document", _DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_to_a_file_leads_to_one(document):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text())

    assert [link for link in links if not (document.parent / link).exists()] == []
