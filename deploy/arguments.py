"""The arguments that commands of deploy/ share."""

from __future__ import annotations

import argparse

import boto3

from image_search import aws


def parser(module: str, description: str | None) -> argparse.ArgumentParser:
    """Create a parser of `--name` and `--profile`."""
    made = argparse.ArgumentParser(prog=f"python -m {module}", description=description)
    made.add_argument("--name", default="image-search", help="of the stack")
    made.add_argument("--profile", help="of the AWS configuration; AWS_PROFILE without it")
    return made


def parsed(made: argparse.ArgumentParser) -> argparse.Namespace:
    """Parse the arguments of this process; its AWS clients use the profile from then on."""
    options = made.parse_args()
    if options.profile:
        boto3.setup_default_session(profile_name=options.profile)
        aws.session().set_config_variable("profile", options.profile)
    return options
