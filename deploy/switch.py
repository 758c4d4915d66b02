"""`make switch`: search with the bundle that was deployed beside the present one, or go back.

Both are indexed before and after, so either may serve. --forget ends that: the one that is not
searched is indexed no longer, and its records are deleted.
"""

from __future__ import annotations

import argparse
import sys

from deploy import buckets, cloudformation
from deploy.errors import DeployError
from deploy.stack import SECRET, outputs
from image_search.secrets import secret
from image_search.vectors import VectorIndex


def main() -> int:
    """Switch; the exit status is 1 if there is nothing to switch to."""
    parser = argparse.ArgumentParser(prog="python -m deploy.switch", description=__doc__)
    parser.add_argument("--name", default="image-search", help="of the stack")
    parser.add_argument("--forget", action="store_true", help="the bundle that is not searched")
    options = parser.parse_args()
    try:
        bundle = forget(options.name) if options.forget else switch(options.name)
    except DeployError as error:
        print(f"make switch: {error}", file=sys.stderr)
        return 1
    print(f"{'forgot' if options.forget else 'searching with'} {bundle}")
    return 0


def switch(name: str) -> str:
    """Let the two bundles of a stack change places; returns the one that is searched now.

    Raises:
        DeployError: the stack has one bundle, or was not changed.
    """
    stack = _with_two_bundles(name)
    swapped = {"Bundle": stack["OtherBundle"], "OtherBundle": stack["Bundle"]}
    cloudformation.change(name, buckets.deployment_bucket(), swapped)
    return stack["OtherBundle"]


def forget(name: str) -> str:
    """Index the searched bundle alone and delete the records of the other; returns the other.

    Raises:
        DeployError: the stack has one bundle, or was not changed.
    """
    stack = _with_two_bundles(name)
    cloudformation.change(name, buckets.deployment_bucket(), {"OtherBundle": ""})
    VectorIndex(stack["IndexHost"], lambda: secret(SECRET), stack["OtherBundle"]).drop()
    return stack["OtherBundle"]


def _with_two_bundles(name: str) -> dict[str, str]:
    stack = outputs(name)
    if "OtherBundle" not in stack:
        raise DeployError("there is one bundle; make deploy BESIDE=1 MODEL=… adds another")
    return stack


if __name__ == "__main__":
    sys.exit(main())
