"""The tests are distributed to workers by the stacks that they share."""

from xdist.scheduler import LoadScopeScheduling

from tests.conftest import group_of


def test_tests_that_share_a_stack_are_of_one_group():
    stacks = {group_of(f"tests/{file}::test") for file in ("stack/test_a.py", "faults/test_b.py")}

    assert stacks == {"stack"}
    assert group_of("tests/stack/deployments/test_a.py::test") == "deployments"
    assert group_of("tests/unit/test_a.py::test_a[x/y]") == "tests/unit/test_a.py"


def test_the_distribution_asks_for_groups_as_this_version_of_xdist_does():
    """A method of another name would silently distribute every file by itself."""
    assert "_split_scope" in vars(LoadScopeScheduling)
