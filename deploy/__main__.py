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

from deploy import arguments, bill, checks, cloudformation, questions
from deploy.errors import DeployError, explained
from deploy.stack import ROOT, SECRET, Stack, deploy, is_current, store_api_key
from image_search.errors import BundleError
from model.build import build
from model.errors import ModelError

MODEL = "clip-vit-b32"
TEMPLATE = ROOT / "template.yaml"
# The name of a new distribution takes a while to resolve everywhere.
_PATIENCE_SECONDS = 300
_POLL_SECONDS = 2
_PROCESSORS = {"arm64": "arm64", "x86_64": "x86-64"}


@explained("make deploy")
def main() -> int:
    """Build and deploy; the exit status is not 0 if anything is missing or fails."""
    options = _options()
    try:
        checks.require_name(options.name)
        checks.require_tools()
        checks.require_account()
        stack = _deploy(options)
        _wait_until_it_answers(stack.url)
    except KeyboardInterrupt:
        print("\nstopped; make deploy continues from here", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        raise DeployError(f"{error.cmd[0]} failed, see above") from None
    except (ModelError, BundleError) as error:
        raise DeployError(str(error)) from None
    _print_urls(stack)
    return 0


def _options() -> argparse.Namespace:
    parser = arguments.parser("deploy", __doc__)
    parser.add_argument("--model", help=f"of the registry; {MODEL} in a new stack")
    parser.add_argument(
        "--beside", action="store_true", help="index with this model too, search with the present"
    )
    parser.add_argument(
        "--tag", action="append", default=[], metavar="NAME=VALUE", help="of every resource"
    )
    parser.add_argument("parameters", nargs="*", metavar="NAME=VALUE", help="of the template")
    return arguments.parsed(parser)


def _deploy(options: argparse.Namespace) -> Stack:
    declared = questions.parameters_of(TEMPLATE)
    given, before = (
        questions.given(options.parameters, declared),
        cloudformation.parameters(options.name),
    )
    chosen = checks.concurrency(given, before or {})
    for name, value in chosen.items():
        print(f"{name}={value}: the quota of this account allows no more")
    given |= chosen
    model = options.model
    if before is None:
        model = model or _ask(f"Model, of model/registry.toml [{MODEL}]: ") or MODEL
        given |= questions.answers(declared, given, _ask)
        _agree_to_the_bill(given)
    defaults = {key: str(value.get("Default", "")) for key, value in declared.items()}
    effective = {**defaults, **(before or {}), **given}
    _require_api_key()
    if before and not model:
        model = model_for(before, effective, current=is_current(before))
    bundle = _build(model, effective) if model else None
    template = _built_template(effective["Architecture"])
    return deploy(
        options.name,
        bundle,
        given,
        template,
        beside=options.beside,
        tags=dict(tag.split("=", maxsplit=1) for tag in options.tag),
        say=print,
    )


def model_for(before: Mapping[str, str], after: Mapping[str, str], *, current: bool) -> str | None:
    """The model whose bundle must be built again, for another processor or this version.

    Raises:
        DeployError: there are two bundles, of which one would stay as it is.
    """
    if current and before["Architecture"] == after["Architecture"]:
        return None
    if before.get("OtherBundle"):
        raise DeployError("this builds the bundle again, and there are two: make switch FORGET=1")
    # A bundle's id is its model's name, its precision and eight digits.
    return before["Bundle"].rsplit("-", maxsplit=2)[0]


def _agree_to_the_bill(given: Mapping[str, str]) -> None:
    print(bill.fixed(given))
    if _ask("Go on? [yes]: ").strip().lower() not in ("", "y", "yes"):
        raise DeployError("nothing was made")


def _ask(question: str) -> str:
    """The answer from the terminal; empty, which means the default, if there is no terminal."""
    return input(question) if sys.stdin.isatty() else ""


def _require_api_key() -> None:
    """Ask for the Pinecone API key once; it is stored in Secrets Manager only."""
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
    """Run `sam build`; returns its template. The Makefile of the layer reads the environment."""
    overrides = f"ParameterKey=Architecture,ParameterValue={architecture}"
    command = ["sam", "build", "--parameter-overrides", overrides]
    environment = os.environ | {"ARCHITECTURE": architecture}
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    return ROOT / ".aws-sam" / "build" / "template.yaml"


def _wait_until_it_answers(url: str) -> None:
    """Wait until page, function, model and index work together."""
    print("waiting for the first answer", flush=True)
    deadline, answered = time.monotonic() + _PATIENCE_SECONDS, "nothing"
    while time.monotonic() < deadline:
        try:
            answer = httpx.get(f"{url}/api/health", timeout=30)
        except httpx.HTTPError as error:
            answered = repr(error)
        else:
            if answer.is_success:
                return
            answered = f"{answer.status_code} {answer.text[:500]}"
        time.sleep(_POLL_SECONDS)
    raise DeployError(f"the stack is deployed, but {url}/api/health answers {answered}")


def _print_urls(stack: Stack) -> None:
    print(f"\n  Open     {stack.url}")
    print(f"  Upload   aws s3 cp photo.jpg s3://{stack.outputs['ImagesBucket']}/")
    print(f"  Watch    {stack.outputs['Dashboard']}")
    print(f"  Invite   {invitation(stack.outputs['Users'], 'somebody@example.com')}")


def invitation(pool: str, email: str) -> str:
    """The command that invites a person, whose e-mail address counts as verified.

    Nobody without a verified e-mail address can reset a password.
    """
    attributes = f"Name=email,Value={email} Name=email_verified,Value=true"
    return (
        f"aws cognito-idp admin-create-user --user-pool-id {pool} --username {email} "
        f"--user-attributes {attributes}"
    )


if __name__ == "__main__":
    sys.exit(main())
