"""The client of S3, and the meaning of its errors."""

from __future__ import annotations

import os
from http import HTTPStatus
from typing import TYPE_CHECKING

from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionError,
    ConnectTimeoutError,
    HTTPClientError,
    ReadTimeoutError,
)

from image_search import aws, deadline

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_CONNECT_SECONDS, _READ_SECONDS = 2, 10


def client() -> S3Client:
    """A client of the account and the endpoint that the environment names.

    Its signed URLs name the bucket's host in the region. The global host redirects requests for new
    buckets outside us-east-1, and a CORS preflight may not follow a redirect. With an endpoint of
    the environment's own, the bucket is part of the path, because it is no subdomain there.
    """
    own_endpoint = {"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"} & os.environ.keys()
    config = Config(
        signature_version="s3v4",  # newer regions refuse any other
        s3={"addressing_style": "path" if own_endpoint else "virtual"},
        retries={"mode": "standard", "max_attempts": 4},
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
    )
    made: S3Client = aws.client("s3", config)
    made.meta.events.register("before-send.s3", _require_time)
    return made


def _require_time(**_: object) -> None:
    """Refuse each attempt, the first and the retries, that could exceed the deadline."""
    deadline.require(_CONNECT_SECONDS + _READ_SECONDS)


def is_timeout(error: Exception) -> bool:
    """Whether S3 took too long to respond."""
    return isinstance(error, ConnectTimeoutError | ReadTimeoutError)


def is_unavailable(error: Exception) -> bool:
    """Whether S3 did not respond, or with a fault, so that a later request may succeed."""
    if isinstance(error, ClientError):
        return error_status(error) >= HTTPStatus.INTERNAL_SERVER_ERROR
    return isinstance(error, HTTPClientError | ConnectionError)


def error_code(error: ClientError) -> str:
    """The name that S3 gives the error."""
    return error.response["Error"]["Code"]


def error_status(error: ClientError) -> int:
    """The HTTP status of the error."""
    return error.response["ResponseMetadata"]["HTTPStatusCode"]
