"""`make switch`: searches with the bundle that was deployed beside the present one, or goes back.

Both are indexed before and after, so either may serve. --forget drops the index of the bundle that
is not searched: it is no longer updated, and its records are deleted.
"""

from __future__ import annotations

import sys

from deploy import arguments, cloudformation
from deploy.errors import explained
from deploy.stack import outputs_of_other, vectors_of


@explained("make switch")
def main() -> int:
    """Switch; the exit status is not 0 if there is nothing to switch to."""
    parser = arguments.parser("deploy.switch", __doc__)
    parser.add_argument(
        "--forget", action="store_true", help="drop the index of the bundle that is not searched"
    )
    options = arguments.parsed(parser)
    bundle = forget(options.name) if options.forget else switch(options.name)
    print(f"{'forgot' if options.forget else 'searching with'} {bundle}")
    return 0


def switch(name: str) -> str:
    """Swap the two bundles of a stack; returns the one that is searched now.

    Raises:
        DeployError: the stack has one bundle, or was not changed.
    """
    stack = outputs_of_other(name)
    swapped = {bundle: stack[bundle] for bundle in ("Bundle", "OtherBundle")}
    cloudformation.change(name, _bucket(name), swapped)
    return stack["Bundle"]


def forget(name: str) -> str:
    """Index only the searched bundle, and delete the records of the other; returns the other.

    Raises:
        DeployError: the stack has one bundle, or was not changed.
    """
    stack = outputs_of_other(name)
    cloudformation.change(name, _bucket(name), {"OtherBundle": ""})
    vectors_of(stack).drop()
    return stack["Bundle"]


def _bucket(name: str) -> str:
    return (cloudformation.parameters(name) or {})["ModelBucket"]


if __name__ == "__main__":
    sys.exit(main())
