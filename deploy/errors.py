"""The errors of deploying and operating a stack, and what they mean."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    NoRegionError,
    SSOTokenLoadError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)

from image_search.errors import QueueError, VectorIndexError

# A service failed temporarily; a retry may succeed.
FAULTS = (BotoCoreError, ClientError, QueueError, VectorIndexError)
_NOT_DONE = 2
_SIGN_IN = (SSOTokenLoadError, TokenRetrievalError, UnauthorizedSSOTokenError)
# By words in the code of an error, because services name the same error differently.
_MEANINGS = {
    ("Expired", "InvalidClientToken", "UnrecognizedClient", "InvalidAccessKeyId"): (
        "the AWS credentials have expired or are not known: sign in again"
    ),
    ("AccessDenied", "Unauthorized", "NotAuthorized", "Forbidden"): (
        "AWS does not permit this; docs/deploy.md lists what a deployment needs"
    ),
    ("LimitExceeded", "QuotaExceeded", "TooManyBuckets"): (
        "a quota of this account is used up: ask AWS for a larger one"
    ),
    (
        "Throttl",
        "TooManyRequests",
        "SlowDown",
    ): "AWS limits the rate of requests: try again in a minute",
}


class DeployError(Exception):
    """A step failed; the message names the step, the cause and the remedy."""


@contextmanager
def explained(command: str) -> Iterator[None]:
    """Run a command in the region of the environment; a failed step ends it with a sentence.

    The exit status is then 2.
    """
    accept_region()
    try:
        yield
    except (DeployError, *FAULTS) as error:
        print(f"{command}: {sentence(error)}", file=sys.stderr)
        sys.exit(_NOT_DONE)


def accept_region() -> None:
    """Take the region from AWS_REGION too, as the AWS CLI does; botocore reads the other name."""
    if region := os.environ.get("AWS_REGION"):
        os.environ["AWS_DEFAULT_REGION"] = region


def sentence(error: Exception) -> str:
    """The meaning of an error, and the remedy."""
    if isinstance(error, _SIGN_IN):
        return f"the session of AWS SSO is over: aws sso login ({error})"
    if isinstance(error, NoCredentialsError):
        return "there are no AWS credentials: aws configure, or aws sso login"
    if isinstance(error, NoRegionError):
        return "there is no region: export AWS_REGION=us-east-1, or any other"
    if isinstance(error, ClientError):
        reported = error.response.get("Error", {})
        code, message = str(reported.get("Code", "")), str(reported.get("Message", ""))
        for words, meaning in _MEANINGS.items():
            if any(word in code for word in words):
                return f"{meaning} ({error.operation_name}: {message})"
    return str(error)
