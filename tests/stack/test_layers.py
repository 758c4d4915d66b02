"""Functions load the library from their layer, though the interpreter has the checkout's too."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from deploy.stack import ROOT
from local.stack import LocalStack

_CODE = """
import importlib

def handler(event, context):
    return {name: importlib.import_module(name).__file__ for name in event}
"""


@pytest.fixture(params=["IndexFunction", "SearchFunction"])
def neighbour(request: pytest.FixtureRequest, local: LocalStack) -> Iterator[str]:
    """A function with the layers and the runtime of one of the stack's."""
    functions = boto3.client("lambda")
    model = local.configuration(request.param)
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("app.py", _CODE)
    name = f"where-{request.param}"
    functions.create_function(
        FunctionName=name,
        Runtime=model["Runtime"],
        Role=model["Role"],
        Handler="app.handler",
        Code={"ZipFile": code.getvalue()},
        Layers=[layer["Arn"] for layer in model["Layers"]],
    )
    yield name
    functions.delete_function(FunctionName=name)


def test_a_function_loads_the_library_from_the_layer(neighbour: str) -> None:
    answer = boto3.client("lambda").invoke(
        FunctionName=neighbour, Payload=json.dumps(["image_search", "image_search.s3"])
    )

    files = json.load(answer["Payload"])
    assert set(files) == {"image_search", "image_search.s3"}
    assert not [file for file in files.values() if Path(file).is_relative_to(ROOT)], files
