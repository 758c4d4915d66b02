"""A CloudFormation custom resource: the Pinecone index that fits the bundle.

It creates a missing index, refuses one that does not fit, and never deletes one: an index may hold
what cannot be made again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any, TypeVar

import urllib3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities import parameters
from aws_lambda_powertools.utilities.data_classes import CloudFormationCustomResourceEvent
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ClientError
from pinecone import Pinecone, ServerlessSpec
from pinecone.errors.exceptions import NotFoundError
from pinecone.models.indexes.index import IndexModel

from image_search.bundle import Manifest, load
from image_search.s3 import Bucket

# Vectors of bundles have length one, so other metrics rank alike or wrong.
METRIC = "cosine"
# A new index takes seconds; the rest of this function's 110 is for saying that it took longer.
_PATIENCE_SECONDS = 60
# A policy that was just attached to a role is not known everywhere at once.
_POLICY_SECONDS = 20
_DENIED = ("AccessDenied", "(403)")
_POLL_SECONDS = 1

T = TypeVar("T")

logger = Logger(service="setup")


class BundleMissingError(Exception):
    """The bundle is not where the template says."""


class IndexMismatchError(Exception):
    """The index exists and does not fit the bundle."""


class IndexNotReadyError(Exception):
    """The index exists and does not answer yet."""


class ApiKeyError(Exception):
    """The secret does not hold an API key."""


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Answer CloudFormation whatever happens: without an answer it waits for an hour."""
    request = CloudFormationCustomResourceEvent(event)
    physical_id = request.get("PhysicalResourceId") or request.resource_properties["Index"]
    try:
        data = {} if request.request_type == "Delete" else _made(request.resource_properties)
        answer = {"Status": "SUCCESS", "Data": data}
    # CloudFormation shows the reason to whoever deploys.
    except Exception as error:
        logger.exception("index not ready")
        answer = {"Status": "FAILED", "Reason": f"{error} (log: {context.log_stream_name})"}
    _answer(request, answer | {"PhysicalResourceId": physical_id})


def _made(properties: dict[str, Any]) -> dict[str, str | None]:
    """What the template asks of its resource: `Host` and `Fingerprint`."""
    index = _ensure(properties)
    return {"Host": index.host, "Fingerprint": _fingerprint(properties | {"Host": index.host})}


def _fingerprint(properties: dict[str, Any]) -> str:
    """Another text wherever a property differs; it fits the description of a function."""
    return sha256(json.dumps(properties, sort_keys=True).encode()).hexdigest()[:16]


def _ensure(properties: dict[str, str]) -> IndexModel:
    """The index that fits and is ready, created if it is missing."""
    bundles = filter(None, (properties["Bundle"], properties.get("OtherBundle")))
    manifests = [_manifest(Bucket(properties["ModelBucket"]), bundle) for bundle in bundles]
    client = Pinecone(
        api_key=_api_key(properties["PineconeSecret"]),
        host=properties.get("ControllerHost") or None,
    )
    name = properties["Index"]
    try:
        index = client.describe_index(name)
    except NotFoundError:
        spec = ServerlessSpec(cloud=properties["Cloud"], region=properties["Region"])
        index = client.create_index(
            name=name, dimension=manifests[0].dimension, metric=METRIC, spec=spec, timeout=-1
        )
    for manifest in manifests:
        _check(index, manifest)
    return _ready(client, index)


def _manifest(bucket: Bucket, bundle: str) -> Manifest:
    try:
        return load(lambda name: _permitted(lambda: bucket.read_key(f"{bundle}/{name}"))).manifest
    except ClientError as error:
        raise BundleMissingError(
            f"no bundle {bundle!r} in {bucket.name!r}, where make deploy puts it: {error}"
        ) from error


def _api_key(secret: str) -> str:
    """The key as it is now: whoever deploys again may just have corrected it.

    One that no header can carry is refused here, because the error of a header shows it.
    """
    value = _permitted(lambda: parameters.get_secret(secret, force_fetch=True))
    key = str(value).strip()
    if not key.isascii() or not key.isprintable() or not key or key.startswith("{"):
        raise ApiKeyError(f"the secret {secret!r} must be a Pinecone API key and nothing else")
    return key


def _permitted(request: Callable[[], T]) -> T:
    """The answer of a request, which is repeated while the policy of a new role is not known."""
    deadline = time.monotonic() + _POLICY_SECONDS
    while True:
        try:
            return request()
        except (ClientError, parameters.GetParameterError) as error:
            denied = any(word in str(error) for word in _DENIED)
            if not denied or time.monotonic() > deadline:
                raise
        time.sleep(_POLL_SECONDS)


def _check(index: IndexModel, manifest: Manifest) -> None:
    if (index.dimension, index.metric) != (manifest.dimension, METRIC):
        raise IndexMismatchError(
            f"index {index.name!r} has dimension {index.dimension} and metric {index.metric}; "
            f"bundle {manifest.id} needs {manifest.dimension} and {METRIC}: deploy with another "
            "PineconeIndex"
        )


def _ready(client: Pinecone, index: IndexModel) -> IndexModel:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not index.status.ready:
        if time.monotonic() > deadline:
            raise IndexNotReadyError(
                f"index {index.name!r} is {index.status.state}: deploy again when it is ready"
            )
        time.sleep(_POLL_SECONDS)
        index = client.describe_index(index.name)
    return index


def _answer(request: CloudFormationCustomResourceEvent, answer: dict[str, Any]) -> None:
    body = answer | {
        "StackId": request.stack_id,
        "RequestId": request.request_id,
        "LogicalResourceId": request.logical_resource_id,
    }
    urllib3.PoolManager().request(
        "PUT", request.response_url, body=json.dumps(body), headers={"Content-Type": ""}
    )
