"""The demo against Pinecone itself: the key, and a name that no other demo has."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from local.service import ServiceError

# https://docs.pinecone.io/reference/api/database-limits
COST = (
    "Pinecone meters what is stored, written and read; its free Starter plan has 2 million write "
    "units and 1 million read units a month: "
    "https://docs.pinecone.io/guides/manage-cost/understanding-cost"
)


@dataclass(frozen=True)
class Cloud:
    """The use of Pinecone's own index by one demo."""

    api_key: str
    demo: str
    """A random id, because the emulator names things alike on every machine."""
    controller: str = ""
    """URL of another control plane, as Pinecone's SDK reads it; empty for its own."""

    @classmethod
    def from_environment(cls, data: Path) -> Cloud:
        """The settings of the demo that keeps its data in this folder.

        Raises:
            ServiceError: there is no API key.
        """
        api_key = os.environ.get("PINECONE_API_KEY", "").strip()
        if not api_key:
            raise ServiceError("INDEX=cloud needs a Pinecone API key: export PINECONE_API_KEY=…")
        return cls(api_key, _kept_id(data), os.environ.get("PINECONE_CONTROLLER_HOST", ""))


def _kept_id(data: Path) -> str:
    file = data / "id"
    if not file.exists():
        data.mkdir(parents=True, exist_ok=True)
        file.write_text(secrets.token_hex(4))
    return file.read_text()
