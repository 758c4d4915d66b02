"""The demo's use of Pinecone itself: its key, and a name that no other demo has."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.cloud import Cloud
from local.service import ServiceError


def test_without_a_key_one_sentence_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PINECONE_API_KEY", raising=False)

    with pytest.raises(ServiceError, match="export PINECONE_API_KEY"):
        Cloud.from_environment(tmp_path)


def test_a_demo_keeps_its_id_and_two_have_different_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PINECONE_API_KEY", "key")

    first, again, other = (Cloud.from_environment(tmp_path / name) for name in "aab")

    assert first == again
    assert first.demo != other.demo
