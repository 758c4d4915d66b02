"""The Secrets Manager adapter."""

from __future__ import annotations

import time
from functools import cached_property
from typing import Any

from botocore.config import Config

from image_search import aws

# A rotated secret takes effect within this time.
_MAX_AGE_SECONDS = 300
_CONFIG = Config(connect_timeout=2, read_timeout=3, retries={"mode": "standard"})


class Secret:
    """One secret, whose value is cached for at most five minutes."""

    def __init__(self, name: str) -> None:
        """Remember the secret's name; no request is sent yet."""
        self.name = name
        self._kept: tuple[str, float] | None = None

    def value(self) -> str:
        """The present value, at most five minutes old."""
        now = time.monotonic()
        kept = self._kept
        if kept is None or now - kept[1] >= _MAX_AGE_SECONDS:
            text = self._client.get_secret_value(SecretId=self.name)["SecretString"]
            # A trailing line end would be refused in a header by an error that shows the value.
            kept = self._kept = text.strip(), now
        return kept[0]

    def forget(self) -> None:
        """Drop the value and the connection; the next use requests both again."""
        self._kept = None
        self.__dict__.pop("_client", None)

    @cached_property
    def _client(self) -> Any:
        return aws.client("secretsmanager", _CONFIG)
