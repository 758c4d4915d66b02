"""The hooks of SnapStart: before it takes a snapshot of a process, and after it restores one."""

from __future__ import annotations

import random
from contextlib import suppress

from snapshot_restore_py import register_after_restore, register_before_snapshot

from image_search.errors import VectorIndexError
from image_search.services import Services


def register(services: Services) -> None:
    """Register the hooks with Lambda's runtime, which ignores them where SnapStart is off."""
    register_before_snapshot(prepare, services)
    # Concurrent executions restored from one snapshot would otherwise retry after equal delays.
    register_after_restore(random.seed)


def prepare(services: Services) -> None:
    """Load what a first request loads, then drop the key and the connections.

    A connection is dead after a restore, and a snapshot must not hold a key. An index that does
    not respond is no reason to fail the deployment.
    """
    with suppress(VectorIndexError):
        services.vectors.count()
    services.vectors.disconnect()
    services.pinecone_key.forget()
    services.images.disconnect()
