"""Which tests run on one worker."""

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.conftest import group_of


@pytest.mark.parametrize(
    ("test", "group"),
    [
        ("tests/stack/security/test_keys.py::test_a[x/y]", "stack"),
        ("tests/stack/test_stack.py::test_b", "stack"),
        ("tests/faults/test_faults.py::test_c", "stack"),
        ("tests/stack/deployments/test_switch.py::test_d", "deployments"),
        ("tests/browser/test_map.py::test_e", "browser, a to m"),
        ("tests/browser/test_views.py::test_e", "browser, n to z"),
        ("tests/browser/test_signing_in.py::test_e", "tests/browser/test_signing_in.py"),
        ("tests/unit/test_names.py::test_f", "tests/unit/test_names.py"),
    ],
)
def test_tests_that_share_a_stack_run_on_one_worker(test, group):
    assert group_of(test) == group


def test_the_distribution_asks_for_groups_as_this_version_of_xdist_does():
    """A method of another name would silently distribute every file by itself."""
    assert "_split_scope" in vars(LoadScopeScheduling)
