"""`make deploy`: build with SAM, then deploy to the AWS account of the environment."""

from __future__ import annotations

import argparse
import getpass
import os
import shutil
import subprocess
import sys
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from deploy.stack import ROOT, SECRET, DeployError, deploy, store_api_key


def main() -> int:
    """Build and deploy; the exit status is 1 if something is missing or fails."""
    options = _options()
    try:
        _require_tools()
        _require_credentials()
        _require_api_key()
        subprocess.run(["sam", "build"], cwd=ROOT, check=True)  # noqa: S607 (found on PATH above)
        template = ROOT / ".aws-sam" / "build" / "template.yaml"
        stack = deploy(options.name, options.bundle, {"Writes": options.writes}, template)
    except (DeployError, subprocess.CalledProcessError) as error:
        print(f"make deploy: {error}", file=sys.stderr)
        return 1
    print(f"\n  Open    {stack.outputs['Address']}")
    print(f"  Upload  aws s3 cp photo.jpg s3://{stack.outputs['ImagesBucket']}/")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy", description=__doc__)
    parser.add_argument("--name", default="image-search", help="of the stack")
    parser.add_argument("--writes", choices=["off", "open"], default="off")
    parser.add_argument("--bundle", type=Path, default=ROOT / "build" / "bundles" / "offline")
    return parser.parse_args()


def _require_tools() -> None:
    for tool, remedy in {
        "sam": "https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/install-sam-cli.html",
        "python3.13": "the functions' runtime, which SAM builds with",
    }.items():
        if shutil.which(tool) is None:
            raise DeployError(f"{tool} is not installed: {remedy}")


def _require_credentials() -> None:
    if boto3.session.Session().region_name is None:
        raise DeployError("no region: export AWS_REGION=us-east-1, or any other")
    try:
        boto3.client("sts").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise DeployError(f"no AWS credentials: aws configure ({error})") from None


def _require_api_key() -> None:
    """Ask for the Pinecone API key once; it is kept in Secrets Manager only."""
    secrets = boto3.client("secretsmanager")
    try:
        secrets.describe_secret(SecretId=SECRET)
    except secrets.exceptions.ResourceNotFoundException:
        store_api_key(os.environ.get("PINECONE_API_KEY") or getpass.getpass("Pinecone API key: "))


if __name__ == "__main__":
    sys.exit(main())
