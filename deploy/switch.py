"""`make switch`: search with the bundle that was deployed beside the present one, or go back.

Both are indexed before and after, so either may serve. --forget ends that: the one that is not
searched is indexed no longer, and its records are deleted.
"""

from __future__ import annotations

import argparse
import sys

from deploy import buckets, cloudformation
from deploy.errors import explained
from deploy.stack import SECRET, outputs_of_other
from image_search.pinecone_index import VectorIndex
from image_search.secrets import Secret


@explained("make switch")
def main() -> int:
    """Switch; the exit status is not 0 if there is nothing to switch to."""
    parser = argparse.ArgumentParser(prog="python -m deploy.switch", description=__doc__)
    parser.add_argument("--name", default="image-search", help="of the stack")
    parser.add_argument("--forget", action="store_true", help="the bundle that is not searched")
    options = parser.parse_args()
    bundle = forget(options.name) if options.forget else switch(options.name)
    print(f"{'forgot' if options.forget else 'searching with'} {bundle}")
    return 0


def switch(name: str) -> str:
    """Let the two bundles of a stack change places; returns the one that is searched now.

    Raises:
        DeployError: the stack has one bundle, or was not changed.
    """
    stack = outputs_of_other(name)
    swapped = {bundle: stack[bundle] for bundle in ("Bundle", "OtherBundle")}
    cloudformation.change(name, buckets.deployment_bucket(), swapped)
    return stack["Bundle"]


def forget(name: str) -> str:
    """Index the searched bundle alone and delete the records of the other; returns the other.

    Raises:
        DeployError: the stack has one bundle, or was not changed.
    """
    stack = outputs_of_other(name)
    cloudformation.change(name, buckets.deployment_bucket(), {"OtherBundle": ""})
    VectorIndex(stack["IndexHost"], Secret(SECRET).value, stack["Bundle"]).drop()
    return stack["Bundle"]


if __name__ == "__main__":
    sys.exit(main())
