"""Deployments that fail, and those after them."""

from __future__ import annotations

from pathlib import Path

import pytest
from pinecone import Pinecone, ServerlessSpec

from deploy import cloudformation
from deploy.stack import DeployError
from local.service import free_port
from local.stack import deploy, parameters, started


def test_a_first_deployment_that_failed_says_why_and_is_made_again(
    tiny_bundle: Path, tmp_path: Path
) -> None:
    silent = started(tmp_path, tiny_bundle, free_port(), free_port(), lambda _: None)
    with silent as local:
        pinecone = Pinecone(api_key="any", host=f"http://127.0.0.1:{local.index_port}")
        spec = ServerlessSpec(cloud="aws", region="us-east-1")
        pinecone.create_index(name="taken", dimension=7, metric="cosine", spec=spec)
        given = parameters(local.index_port) | {"PineconeIndex": "taken"}

        with pytest.raises(DeployError, match="deploy with another PineconeIndex"):
            deploy("second", tiny_bundle, given, local.port)
        assert cloudformation.parameters("second") is None

        made = deploy("second", tiny_bundle, given | {"PineconeIndex": "free"}, local.port)
        assert made.outputs["IndexHost"].endswith("/free")
        assert pinecone.describe_index("taken").dimension == 7
