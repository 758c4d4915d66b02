"""A CloudFormation custom resource: the Pinecone index that fits the bundle.

It creates a missing index, refuses one that does not fit, and never deletes one: an index may hold
what cannot be made again.
"""

from __future__ import annotations

import json
from typing import Any

import urllib3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities import parameters
from aws_lambda_powertools.utilities.data_classes import CloudFormationCustomResourceEvent
from aws_lambda_powertools.utilities.typing import LambdaContext
from pinecone import Pinecone, ServerlessSpec
from pinecone.errors.exceptions import NotFoundError

from image_search.bundle import Manifest, load
from image_search.objects import Bucket

logger = Logger(service="setup")


class IndexMismatchError(Exception):
    """The index exists and does not fit the bundle."""


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Answer CloudFormation whatever happens: without an answer it waits for an hour."""
    request = CloudFormationCustomResourceEvent(event)
    physical_id = request.get("PhysicalResourceId") or request.resource_properties["Index"]
    try:
        data = {} if request.request_type == "Delete" else _ensure(request.resource_properties)
        answer = {"Status": "SUCCESS", "Data": data}
    # CloudFormation shows the reason to whoever deploys.
    except Exception as error:
        logger.exception("index not ready")
        answer = {"Status": "FAILED", "Reason": f"{error} (log: {context.log_stream_name})"}
    _answer(request, answer | {"PhysicalResourceId": physical_id})


def _ensure(properties: dict[str, str]) -> dict[str, str | None]:
    """The host of an index that fits, created if it is missing."""
    bucket = Bucket(properties["ModelBucket"])
    manifest = load(lambda name: bucket.read_key(f"{properties['Bundle']}/{name}")).manifest
    client = Pinecone(
        api_key=parameters.get_secret(properties["PineconeSecret"]),
        host=properties.get("ControllerHost") or None,
    )
    name = properties["Index"]
    try:
        index = client.describe_index(name)
    except NotFoundError:
        spec = ServerlessSpec(cloud=properties["Cloud"], region=properties["Region"])
        client.create_index(name=name, dimension=manifest.dimension, metric="cosine", spec=spec)
        index = client.describe_index(name)
    _check(name, index.dimension, index.metric, manifest)
    return {"Host": index.host}


def _check(name: str, dimension: int | None, metric: str, manifest: Manifest) -> None:
    if (dimension, metric) != (manifest.dimension, "cosine"):
        raise IndexMismatchError(
            f"index {name!r} has dimension {dimension} and metric {metric}; bundle {manifest.id} "
            f"needs {manifest.dimension} and cosine: deploy with another PineconeIndex"
        )


def _answer(request: CloudFormationCustomResourceEvent, answer: dict[str, Any]) -> None:
    body = answer | {
        "StackId": request.stack_id,
        "RequestId": request.request_id,
        "LogicalResourceId": request.logical_resource_id,
    }
    urllib3.PoolManager().request(
        "PUT", request.response_url, body=json.dumps(body), headers={"Content-Type": ""}
    )
