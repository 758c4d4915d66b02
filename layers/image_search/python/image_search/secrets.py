"""The Secrets Manager adapter."""

from __future__ import annotations

from functools import cached_property

import boto3
from aws_lambda_powertools.utilities.parameters import SecretsProvider

# A rotated secret takes effect within this time.
_MAX_AGE_SECONDS = 300


class Secret:
    """One secret, of which a value is kept for at most five minutes."""

    def __init__(self, name: str) -> None:
        """Remember the secret's name; no request is sent yet."""
        self.name = name

    def value(self) -> str:
        """The present value, at most five minutes old."""
        # A trailing line end would be refused in a header by an error that shows the value.
        return str(self._provider.get(self.name, max_age=_MAX_AGE_SECONDS)).strip()

    def forget(self) -> None:
        """Drop the value and the connection; the next use requests both again."""
        self.__dict__.pop("_provider", None)

    @cached_property
    def _provider(self) -> SecretsProvider:
        # A client that Powertools creates reads boto3's data files a second time: 50 ms.
        return SecretsProvider(boto3_client=boto3.client("secretsmanager"))
