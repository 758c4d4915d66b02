"""The demo against Pinecone itself: the local index poses as the cloud."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest
from pinecone import Pinecone

from local.cloud import Cloud
from local.service import ServiceError, free_port
from local.stack import started, vector_index
from local.user import User, until
from tests.unit.images import jpeg


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


def test_images_are_indexed_in_the_cloud_s_index_which_is_made(
    tiny_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, reported = free_port(), []
    address = f"http://127.0.0.1:{port}"
    monkeypatch.setenv("PINECONE_API_KEY", "cloud-key")
    monkeypatch.setenv("PINECONE_CONTROLLER_HOST", address)
    cloud = Cloud.from_environment(tmp_path / "demo")
    with ExitStack() as services:
        services.enter_context(vector_index(tmp_path / "pinecone", port))
        local = services.enter_context(
            started(tmp_path / "demo", tiny_bundle, say=reported.append, cloud=cloud)
        )
        user = User(local)
        user.put("a.jpg", jpeg("teal"))
        user.wait_until_indexed("a.jpg")
        pinecone = Pinecone(api_key="cloud-key", host=address)
        index = pinecone.index(host=pinecone.describe_index("image-search").host)

        until(lambda: index.describe_index_stats().total_vector_count == 1, "not in the cloud")
        newest = user.http.get("/api/images", params={"sort": "newest"}).json()
        assert [image["key"] for image in newest["images"]] == ["a.jpg"]
        assert cloud.demo in local.images_bucket
    assert not [line for line in reported if "cloud-key" in line]
