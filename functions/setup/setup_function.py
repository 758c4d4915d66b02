"""The handler of a CloudFormation custom resource: the Pinecone index that fits the bundle.

It creates a missing index, refuses one that does not fit, and never deletes one, because its
records may not be reproducible.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import urllib3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.data_classes import CloudFormationCustomResourceEvent
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ClientError
from pinecone import Pinecone, ServerlessSpec
from pinecone.errors.exceptions import NotFoundError
from pinecone.models.indexes.index import IndexModel

from image_search.bundle import Manifest, load
from image_search.s3 import Bucket

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# The vectors are of unit length, so any other metric ranks equally or wrongly.
METRIC = "cosine"
# A new index takes seconds. The function has 110, of which the rest is left for the response.
PATIENCE_SECONDS = 80

logger = Logger(service="setup")


class BundleMissingError(Exception):
    """The model bucket does not contain the bundle."""


class IndexMismatchError(Exception):
    """The index exists and does not fit the bundle."""


class IndexNotReadyError(Exception):
    """The index exists and is not ready yet."""


class ApiKeyError(Exception):
    """The secret does not contain an API key."""


@dataclass(frozen=True)
class IndexSetup:
    """Creates or checks an index."""

    client: S3Client
    secret: Callable[[str], object]
    """Reads a secret by name."""
    pinecone: Callable[..., Pinecone]
    patience_seconds: float = PATIENCE_SECONDS
    poll_seconds: float = 1

    def ensure(self, properties: dict[str, str]) -> dict[str, str | None]:
        """The host of an index that fits and is ready; a missing one is created."""
        bundles = filter(None, (properties["Bundle"], properties.get("OtherBundle")))
        bucket = Bucket(properties["ModelBucket"], self.client)
        manifests = [_manifest(bucket, bundle) for bundle in bundles]
        pinecone = self.pinecone(
            api_key=self._api_key(properties["PineconeSecret"]),
            host=properties.get("ControllerHost") or None,
        )
        index = _described_or_created(pinecone, properties, manifests[0].dimension)
        for manifest in manifests:
            _check(index, manifest)
        return {"Host": self._ready(pinecone, index).host}

    def _api_key(self, secret: str) -> str:
        """The present key; a key that no header can carry is refused without being shown."""
        key = str(self.secret(secret)).strip()
        if not key.isascii() or not key.isprintable() or not key or key.startswith("{"):
            raise ApiKeyError(f"the secret {secret!r} must be a Pinecone API key and nothing else")
        return key

    def _ready(self, pinecone: Pinecone, index: IndexModel) -> IndexModel:
        deadline = time.monotonic() + self.patience_seconds
        while not index.status.ready:
            if time.monotonic() > deadline:
                raise IndexNotReadyError(
                    f"index {index.name!r} is {index.status.state}: deploy again when it is ready"
                )
            time.sleep(self.poll_seconds)
            index = pinecone.describe_index(index.name)
        return index


def create_handler(setup: IndexSetup) -> Callable[[dict[str, Any], LambdaContext], None]:
    """The handler of the custom resource."""

    @logger.inject_lambda_context
    def handler(event: dict[str, Any], context: LambdaContext) -> None:
        """Respond to CloudFormation in any case; without a response it waits for an hour."""
        request = CloudFormationCustomResourceEvent(event)
        properties = request.resource_properties
        physical_id = request.get("PhysicalResourceId") or properties["Index"]
        try:
            data = {} if request.request_type == "Delete" else setup.ensure(properties)
            answer = {"Status": "SUCCESS", "Data": data}
        # CloudFormation shows the reason to whoever deploys.
        except Exception as error:
            logger.exception("index not ready")
            answer = {"Status": "FAILED", "Reason": f"{error} (log: {context.log_stream_name})"}
        _answer(request, answer | {"PhysicalResourceId": physical_id})

    return handler


def _manifest(bucket: Bucket, bundle: str) -> Manifest:
    try:
        return load(lambda name: bucket.read_key(f"{bundle}/{name}")).manifest
    except ClientError as error:
        raise BundleMissingError(
            f"no bundle {bundle!r} in {bucket.name!r}, where make deploy puts it: {error}"
        ) from error


def _described_or_created(
    pinecone: Pinecone, properties: dict[str, str], dimension: int
) -> IndexModel:
    name = properties["Index"]
    try:
        return pinecone.describe_index(name)
    except NotFoundError:
        spec = ServerlessSpec(cloud=properties["Cloud"], region=properties["Region"])
        return pinecone.create_index(
            name=name, dimension=dimension, metric=METRIC, spec=spec, timeout=-1
        )


def _check(index: IndexModel, manifest: Manifest) -> None:
    if (index.dimension, index.metric) != (manifest.dimension, METRIC):
        raise IndexMismatchError(
            f"index {index.name!r} has dimension {index.dimension} and metric {index.metric}; "
            f"bundle {manifest.id} needs {manifest.dimension} and {METRIC}: deploy with another "
            "PineconeIndex"
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
