"""The Secrets Manager adapter."""

from __future__ import annotations

from functools import cache

import boto3
from aws_lambda_powertools.utilities.parameters import SecretsProvider
from snapshot_restore_py import register_before_snapshot

# A key that is replaced is used that much later.
_MAX_AGE_SECONDS = 300


def secret(name: str) -> str:
    """The value of a secret, at most five minutes old."""
    # A line end, as files have, would be refused in a header by an error that shows the value.
    return str(_provider().get(name, max_age=_MAX_AGE_SECONDS)).strip()


def forget() -> None:
    """Keep no value in a snapshot; ask again, over a new connection."""
    _provider.cache_clear()


register_before_snapshot(forget)


@cache
def _provider() -> SecretsProvider:
    # A client that Powertools makes reads boto3's data files once more: 50 ms.
    return SecretsProvider(boto3_client=boto3.client("secretsmanager"))
