"""The served specification holds: Schemathesis sends what it allows, and more."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import positive_data_acceptance, unsupported_method

from local.stack import SAMPLES, LocalStack
from local.user import put

# What a schema allows may be refused for what it means: terms that cancel out, a cursor of another
# query. An HTTP API answers 404, not 405, to a method without a route.
NOT_PROMISED = [positive_data_acceptance, unsupported_method]
# The status of a URL that is too long for any server; the API does not see the request.
TOO_LONG = 431
# The policies of S3 match every key, those of the emulator none with a line feed: S3 answers 403.
UNMATCHED = "\n"
PHOTOGRAPH = (SAMPLES / "animals" / "cat-chelsea.jpg").read_bytes()
bounded = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
)


@pytest.fixture(scope="session")
def served(local: LocalStack) -> Any:
    """The specification that the stack serves, and how to reach it."""
    with local.client() as client:
        document = client.get("/api/openapi.json").raise_for_status().json()
    schema = schemathesis.openapi.from_dict(document)
    # A failure is reported with the keys of its requests; nothing here is a secret.
    schema.config.output.sanitization.update(enabled=False)
    schema.config.update(base_url=f"http://127.0.0.1:{local.port}", headers={"Host": local.host})
    return schema


def validate(case: Any, response: Any) -> None:
    """Check an answer, unless it is the emulator's own."""
    if response.status_code != TOO_LONG and UNMATCHED not in str((case.query or {}).get("key")):
        case.validate_response(response, excluded_checks=NOT_PROMISED)


def test_every_answer_is_one_that_the_specification_names(served):
    for operation in served.get_all_operations():

        @settings(bounded, max_examples=5)
        @given(operation.ok().as_strategy())
        def ask(case):
            validate(case, case.call())

        ask()


def test_uploaded_images_are_listed_searched_by_and_deleted_as_the_links_say(served):
    class Visit(served.as_state_machine()):  # type: ignore[misc]
        """Follows the links of the answers; what was signed is sent to the bucket."""

        def after_call(self, response: Any, case: Any) -> None:
            if case.operation.path == "/api/uploads" and response.status_code == 201:
                put(response.json(), PHOTOGRAPH)

        def validate_response(self, response: Any, case: Any, **more: Any) -> None:
            validate(case, response)

    Visit.run(settings=settings(bounded, max_examples=6, stateful_step_count=5))
