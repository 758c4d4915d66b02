"""Checks what a deployment needs before it begins, with a sentence for whatever is missing."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from deploy.errors import DeployError, sentence

_SAM = "https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/install-sam-cli.html"
_TOOLS = {
    "sam": f"the SAM CLI builds the functions: {_SAM}",
    "python3.13": "the functions' runtime, which SAM builds with; it must be on the PATH",
}
# The concurrency that Lambda leaves to the functions that reserve none.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
_UNRESERVED = 100
# The defaults of SearchConcurrency and IndexConcurrency, and the least that SQS allows.
_SEARCH, _INDEX, _LEAST = 20, 10, 2


def require_tools() -> None:
    """Check that the tools that build the functions run on this machine.

    Raises:
        DeployError: one of them does not.
    """
    for tool, why in _TOOLS.items():
        try:
            subprocess.run([tool, "--version"], capture_output=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            raise DeployError(f"{tool} does not run here: {why}") from None


def require_account() -> None:
    """Check that there are a region and credentials that AWS knows.

    Raises:
        DeployError: there are not.
    """
    try:
        boto3.client("sts").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise DeployError(sentence(error)) from None
    if boto3.session.Session().region_name is None:
        raise DeployError("there is no region: export AWS_REGION=us-east-1, or any other")


def concurrency(given: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str]:
    """The parameters to set if the account's quota does not allow the template's defaults.

    A new account may have 10 concurrent executions in all: indexing gets half of them, so that
    some are left for searches.

    Raises:
        DeployError: the given SearchConcurrency is more than the account can reserve.
    """
    limits = boto3.client("lambda").get_account_settings()["AccountLimit"]
    unreserved = limits["UnreservedConcurrentExecutions"] + int(before.get("SearchConcurrency", 0))
    spare, chosen = max(unreserved - _UNRESERVED, 0), {}
    if (wanted := int(given.get("SearchConcurrency", 0))) > spare:
        raise DeployError(
            f"this account can reserve concurrency of {spare}, and SearchConcurrency is "
            f"{wanted}: deploy with SearchConcurrency=0, or ask AWS for a larger quota"
        )
    if not before and "SearchConcurrency" not in given and spare < _SEARCH:
        chosen["SearchConcurrency"] = "0"
    half = max(limits["ConcurrentExecutions"] // 2, _LEAST)
    if not before and "IndexConcurrency" not in given and half < _INDEX:
        chosen["IndexConcurrency"] = str(half)
    return chosen


def require_name(name: str) -> None:
    """Check that names made of a stack's name fit CloudFront, which takes 64 characters.

    Raises:
        DeployError: they do not.
    """
    if not re.fullmatch("[A-Za-z][A-Za-z0-9-]{0,47}", name):
        raise DeployError(f"{name!r} is no name for a stack: up to 48 letters, digits and hyphens")
