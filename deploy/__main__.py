"""`make deploy`: build with SAM, then deploy to the AWS account of the environment.

The first deployment asks; the stack keeps the answers. Any parameter of the template can be given
as NAME=VALUE, then and later.
"""

from __future__ import annotations

import argparse
import getpass
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import boto3
import httpx

from deploy import checks, cloudformation, questions
from deploy.stack import ROOT, SECRET, DeployError, Stack, deploy, store_api_key
from image_search.errors import BundleError
from model.build import build
from model.download import DownloadError
from model.registry import UnknownModelError

MODEL = "clip-vit-b32"
TEMPLATE = ROOT / "template.yaml"
# A new distribution's name takes a while to be known everywhere.
_PATIENCE_SECONDS = 300
_POLL_SECONDS = 2
_PROCESSORS = {"arm64": "arm64", "x86_64": "x86-64"}


def main() -> int:
    """Build and deploy; the exit status is 1 if something is missing or fails."""
    options = _options()
    try:
        checks.require_tools()
        checks.require_account()
        stack = _deploy(options.name, options.model, options.parameters, beside=options.beside)
        _wait_until_it_answers(stack.address)
    except KeyboardInterrupt:
        print("\nstopped; make deploy goes on from here", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(f"make deploy: {error.cmd[0]} failed, see above", file=sys.stderr)
        return 1
    except (DeployError, UnknownModelError, DownloadError, BundleError) as error:
        print(f"make deploy: {error}", file=sys.stderr)
        return 1
    _print_addresses(stack)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy", description=__doc__)
    parser.add_argument("--name", default="image-search", help="of the stack")
    parser.add_argument("--model", help=f"of the registry; {MODEL} in a new stack")
    parser.add_argument(
        "--beside", action="store_true", help="index under the model, and search with the present"
    )
    parser.add_argument("parameters", nargs="*", metavar="NAME=VALUE", help="of the template")
    return parser.parse_args()


def _deploy(name: str, model: str | None, words: list[str], *, beside: bool) -> Stack:
    declared = questions.parameters_of(TEMPLATE)
    given, before = questions.given(words, declared), cloudformation.parameters(name)
    if before is None:
        model = model or _ask(f"Model, of model/registry.toml [{MODEL}]: ") or MODEL
        given |= questions.answers(declared, given, _ask)
    defaults = {key: str(value.get("Default", "")) for key, value in declared.items()}
    effective = {**defaults, **(before or {}), **given}
    if before is None or "SearchConcurrency" in given:
        checks.require_concurrency(int(effective["SearchConcurrency"]))
    _require_api_key()
    bundle = _build(model, effective) if model else None
    template = _built_template(effective["Architecture"])
    return deploy(name, bundle, given, template, beside=beside)


def _ask(question: str) -> str:
    """Somebody's answer; the default where nobody is there to ask."""
    return input(question) if sys.stdin.isatty() else ""


def _require_api_key() -> None:
    """Ask for the Pinecone API key once; it is kept in Secrets Manager only."""
    secrets = boto3.client("secretsmanager")
    try:
        secrets.describe_secret(SecretId=SECRET)
    except secrets.exceptions.ResourceNotFoundException:
        api_key = os.environ.get("PINECONE_API_KEY")
        if not api_key and not sys.stdin.isatty():
            raise DeployError("no Pinecone API key: export PINECONE_API_KEY") from None
        store_api_key(api_key or getpass.getpass("Pinecone API key (not shown): "))


def _build(model: str, parameters: Mapping[str, str]) -> Path:
    processor = _PROCESSORS[parameters["Architecture"]]
    return build(model, ROOT / "build" / "bundles", print, processor)  # type: ignore[arg-type]


def _built_template(architecture: str) -> Path:
    """What `sam build` makes of the template; the layer's Makefile reads the environment."""
    overrides = f"ParameterKey=Architecture,ParameterValue={architecture}"
    command = ["sam", "build", "--parameter-overrides", overrides]
    environment = os.environ | {"ARCHITECTURE": architecture}
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    return ROOT / ".aws-sam" / "build" / "template.yaml"


def _wait_until_it_answers(address: str) -> None:
    """Wait until page, function, model and index work together."""
    print("waiting for the first answer", flush=True)
    deadline, said = time.monotonic() + _PATIENCE_SECONDS, "nothing"
    while time.monotonic() < deadline:
        try:
            answer = httpx.get(f"{address}/api/health", timeout=30)
        except httpx.HTTPError as error:
            said = repr(error)
        else:
            if answer.is_success:
                return
            said = f"{answer.status_code} {answer.text[:500]}"
        time.sleep(_POLL_SECONDS)
    raise DeployError(f"the stack is made, but {address}/api/health answers {said}")


def _print_addresses(stack: Stack) -> None:
    print(f"\n  Open     {stack.address}")
    print(f"  Upload   aws s3 cp photo.jpg s3://{stack.outputs['ImagesBucket']}/")
    print(f"  Watch    {stack.outputs['Dashboard']}")
    if users := stack.outputs.get("Users"):
        invite = f"aws cognito-idp admin-create-user --user-pool-id {users} --username"
        print(f"  Invite   {invite} somebody@example.com")


if __name__ == "__main__":
    sys.exit(main())
