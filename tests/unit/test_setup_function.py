"""The custom resource that makes or checks the index, against the local one."""

import json
from dataclasses import replace
from itertools import count
from types import SimpleNamespace

import pytest
from aws_lambda_powertools.utilities.parameters import GetParameterError
from pinecone import Pinecone
from samtranslator.yaml_helper import yaml_parse

from setup_function import PATIENCE_SECONDS, POLICY_SECONDS, IndexSetup, create_handler
from tests.contract.conftest import SPEC
from tests.tiny_bundle import DIMENSION
from tests.unit.lambdas import ROOT, Context
from tests.unit.servers import serving

SECRETS = {
    "pinecone": "any\n",
    "broken": "pcsk_not-for\neverybody",
    "key-value": '{"api_key": "pcsk_not-for-everybody"}',
}

_names = count()


class Setup:
    """CloudFormation's side of a custom resource."""

    def __init__(self, controller, answers, models):
        self.models = models
        self.function = IndexSetup(models._client, SECRETS.__getitem__, Pinecone)
        self._answers = answers
        self.properties = {
            "ModelBucket": "models",
            "Bundle": "tiny-fp32-00000000",
            "PineconeSecret": "pinecone",
            "ControllerHost": controller,
            "Index": f"setup-{next(_names)}",
            "Cloud": "aws",
            "Region": "eu-west-1",
        }

    def ask(self, kind, physical_id=None, **properties):
        """Send one request; returns the answer that arrived at its address."""
        event = {
            "RequestType": kind,
            "ResponseURL": f"{self._answers.url}/answer?signature=x%2Fy",
            "StackId": "stack",
            "RequestId": "request",
            "LogicalResourceId": "PineconeIndexResource",
            "ResourceProperties": self.properties | properties,
        }
        create_handler(self.function)(
            event | ({"PhysicalResourceId": physical_id} if physical_id else {}), Context()
        )
        ((method, path, body),) = self._answers.asked
        self._answers.asked.clear()
        assert (method, path) == ("PUT", "/answer?signature=x%2Fy")
        return json.loads(body)


@pytest.fixture
def setup(index_server, new_bucket, tiny_bundle):
    models = new_bucket("models")
    models.write(
        "tiny-fp32-00000000/model.json", (tiny_bundle / "model.json").read_bytes(), "text/plain"
    )
    with serving() as answers:
        yield Setup(index_server.url, answers, models)


@pytest.fixture
def indexes(index_server):
    return index_server.client().indexes


def test_a_missing_index_is_created_as_the_bundle_needs_it(setup, indexes):
    answer = setup.ask("Create")

    index = indexes.describe(setup.properties["Index"])
    assert (index.dimension, index.metric) == (DIMENSION, "cosine")
    assert answer == {
        "Status": "SUCCESS",
        "Data": {"Host": index.host, "Fingerprint": answer["Data"]["Fingerprint"]},
        "PhysicalResourceId": setup.properties["Index"],
        "StackId": "stack",
        "RequestId": "request",
        "LogicalResourceId": "PineconeIndexResource",
    }


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_an_index_that_fits_is_taken_as_it_is(kind, setup, indexes):
    name = setup.properties["Index"]
    made = indexes.create(name=name, dimension=DIMENSION, metric="cosine", spec=SPEC)

    answer = setup.ask(kind, physical_id=name)

    assert (answer["Status"], answer["Data"]["Host"]) == ("SUCCESS", made.host)


def test_the_fingerprint_differs_wherever_a_property_does_and_nowhere_else(setup):
    def fingerprint(**properties):
        return setup.ask("Create", **properties)["Data"]["Fingerprint"]

    first = fingerprint(Functions=["arm64", "None"])

    assert first == fingerprint(Functions=["arm64", "None"])
    assert first != fingerprint(Functions=["x86_64", "None"])
    assert first != fingerprint(Functions=["arm64", "None"], Index=f"setup-{next(_names)}")
    assert len(first) < 256  # what Lambda takes as a description


@pytest.mark.parametrize(("dimension", "metric"), [(7, "cosine"), (DIMENSION, "dotproduct")])
def test_an_index_that_does_not_fit_is_refused_with_a_remedy(dimension, metric, setup, indexes):
    name = setup.properties["Index"]
    indexes.create(name=name, dimension=dimension, metric=metric, spec=SPEC)

    answer = setup.ask("Create")

    assert answer["Status"] == "FAILED"
    assert f"dimension {dimension} and metric {metric}" in answer["Reason"]
    assert "needs 48 and cosine: deploy with another PineconeIndex" in answer["Reason"]
    assert "Data" not in answer
    assert indexes.describe(name).dimension == dimension


def test_an_index_that_does_not_fit_the_other_bundle_is_refused(setup, tiny_bundle):
    manifest = json.loads((tiny_bundle / "model.json").read_text())
    larger = json.dumps(manifest | {"id": "larger", "dimension": 7}).encode()
    setup.models.write("larger/model.json", larger, "application/json")

    answer = setup.ask("Create", OtherBundle="larger")

    assert answer["Status"] == "FAILED"
    assert "bundle larger needs 7 and cosine" in answer["Reason"]


def test_a_deletion_deletes_nothing(setup, indexes):
    setup.ask("Create")

    answer = setup.ask("Delete", physical_id="the-id")

    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", "the-id")
    assert indexes.describe(setup.properties["Index"]).dimension == DIMENSION


def test_a_deletion_succeeds_when_nothing_else_is_left(setup):
    answer = setup.ask("Delete", ModelBucket="gone", PineconeSecret="gone")

    assert answer["Status"] == "SUCCESS"


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"ModelBucket": "gone"}, "no bundle 'tiny-fp32-00000000' in 'gone'"),
        ({"Bundle": "other"}, "no bundle 'other' in 'models'"),
        ({"PineconeSecret": "gone"}, "gone"),
        ({"Index": "no such name!"}, "name"),
    ],
)
def test_whatever_fails_is_answered_with_its_reason_and_log(properties, reason, setup):
    answer = setup.ask("Create", **properties)

    assert answer["Status"] == "FAILED"
    assert reason in answer["Reason"]
    assert f"(log: {Context().log_stream_name})" in answer["Reason"]
    assert answer["PhysicalResourceId"]


def test_a_response_fits_the_limit_of_cloudformation(setup, new_bucket):
    new_bucket("broken").write(
        "tiny-fp32-00000000/model.json", b'{"files": ' + b"1" * 20_000 + b"}", "text/plain"
    )

    answer = setup.ask("Create", ModelBucket="broken")

    assert answer["Status"] == "FAILED"
    assert len(json.dumps(answer)) < 4096


@pytest.mark.parametrize("secret", ["broken", "key-value"])
def test_a_secret_that_is_not_an_api_key_is_refused_and_never_shown(secret, setup, capsys):
    answer = setup.ask("Create", PineconeSecret=secret)

    assert answer["Status"] == "FAILED"
    assert f"the secret '{secret}' must be a Pinecone API key" in answer["Reason"]
    assert "not-for" not in answer["Reason"] + capsys.readouterr().out


@pytest.mark.parametrize("late", [True, False])
def test_a_policy_that_is_not_known_yet_is_waited_for(late, setup):
    refusals = iter(range(3)) if late else count()

    def secret(_name):
        for _ in refusals:
            raise GetParameterError("An error occurred (AccessDeniedException)")
        return "any"

    policy_seconds = 60 if late else 0
    setup.function = replace(
        setup.function, secret=secret, policy_seconds=policy_seconds, poll_seconds=0
    )

    answer = setup.ask("Create")

    assert answer["Status"] == ("SUCCESS" if late else "FAILED")
    assert late or "AccessDenied" in answer["Reason"]


def starting_index(looks):
    """A Pinecone client whose index is ready after some requests."""
    left = iter(range(looks))
    index = SimpleNamespace(dimension=DIMENSION, metric="cosine", host="index.test")

    def describe(name):
        status = SimpleNamespace(ready=next(left, None) is None, state="Initializing")
        return SimpleNamespace(name=name, status=status, **vars(index))

    return lambda **_: SimpleNamespace(describe_index=describe)


def test_an_index_that_is_being_made_is_waited_for(setup):
    setup.function = replace(setup.function, pinecone=starting_index(3), poll_seconds=0)

    assert setup.ask("Create")["Data"]["Host"] == "index.test"


def test_an_index_that_does_not_get_ready_is_answered_in_time(setup):
    setup.function = replace(setup.function, pinecone=starting_index(10**9), patience_seconds=0)

    answer = setup.ask("Create")

    assert answer["Status"] == "FAILED"
    assert "is Initializing: deploy again when it is ready" in answer["Reason"]


def test_an_answer_comes_before_the_function_is_stopped():
    template = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]
    function = template["SetupFunction"]["Properties"]["Timeout"]
    patience = PATIENCE_SECONDS + 2 * POLICY_SECONDS

    limit = template["PineconeIndexResource"]["Properties"]["ServiceTimeout"]
    assert patience < function < limit
