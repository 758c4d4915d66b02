"""What a deployment that closes a stack changes, and what it leaves."""

from __future__ import annotations

import boto3

from deploy import cloudformation
from local.stack import NAME, LocalStack
from tests.stack.deployments.sign_in.conftest import Closing


def test_accounts_stay_and_edges_forget(closing: Closing) -> None:
    assert closing.stack.outputs["Users"] == closing.users_before
    assert closing.invalidations == 1


def test_a_parameter_that_is_not_given_stays(closing: Closing) -> None:
    assert (cloudformation.parameters(NAME) or {})["Heic"] == "on"


def test_the_functions_that_serve_are_the_changed_ones(local: LocalStack) -> None:
    assert served(local, "SearchFunction")["READS"] == "signed-in"
    for function in ("IndexFunction", "SearchFunction"):
        assert served(local, function)["INDEX_HOST"].endswith("/another")


def served(local: LocalStack, resource: str) -> dict[str, str]:
    """The environment of the version that the alias names."""
    functions, name = boto3.client("lambda"), local.function(resource)
    answer = functions.get_function_configuration(FunctionName=name, Qualifier="live")
    return dict(answer["Environment"]["Variables"])
