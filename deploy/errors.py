"""What can go wrong between a checkout and a running stack."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from image_search.errors import QueueError, VectorIndexError

# A service did not do what it was asked; the next time it may.
FAULTS = (BotoCoreError, ClientError, QueueError, VectorIndexError)
_NOT_DONE = 2


class DeployError(Exception):
    """A step failed; the message says which, why, and what to do."""


@contextmanager
def explained(command: str) -> Iterator[None]:
    """End a command with a sentence and the exit status 2 where a step fails."""
    try:
        yield
    except (DeployError, *FAULTS) as error:
        print(f"{command}: {error}", file=sys.stderr)
        sys.exit(_NOT_DONE)
