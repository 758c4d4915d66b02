"""What a deployment needs, asked before it begins: a sentence for whatever is missing."""

from __future__ import annotations

import subprocess

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from deploy.errors import DeployError

_SAM = "https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/install-sam-cli.html"
_TOOLS = {
    "sam": f"the SAM CLI builds the functions: {_SAM}",
    "python3.13": "the functions' runtime, which SAM builds with; it must be on the PATH",
}
# What Lambda leaves to the functions that reserve nothing.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
_UNRESERVED = 100


def require_tools() -> None:
    """Check that what builds the functions runs here.

    Raises:
        DeployError: it does not.
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
    if boto3.session.Session().region_name is None:
        raise DeployError("no region: export AWS_REGION=us-east-1, or any other")
    try:
        boto3.client("sts").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise DeployError(f"no AWS credentials: aws configure ({error})") from None


def require_concurrency(wanted: int) -> None:
    """Check that the account can reserve concurrency for the search function.

    Raises:
        DeployError: it cannot; new accounts have little.
    """
    limits = boto3.client("lambda").get_account_settings()["AccountLimit"]
    spare = limits["UnreservedConcurrentExecutions"] - _UNRESERVED
    if wanted > max(spare, 0):
        raise DeployError(
            f"this account can reserve concurrency of {max(spare, 0)}, and SearchConcurrency is "
            f"{wanted}: deploy with SearchConcurrency=0, or ask AWS for a larger quota"
        )
