"""The index function: a batch of S3 events in, the messages to try again out."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_plus

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.data_classes import SQSEvent
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from image_search import wiring
from image_search.indexing import Outcome

logger = Logger(service="index")
# Loaded before the first event, and before a SnapStart snapshot is taken.
indexer = wiring.indexer()


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Reconcile the keys of all messages together; answer which messages must come again."""
    keys = {record.message_id: _keys(record) for record in SQSEvent(event).records}
    outcomes = indexer.reconcile(set().union(*keys.values()))
    for key, outcome in outcomes.items():
        _log(key, outcome)
    failed = {key for key, outcome in outcomes.items() if outcome.state == "failed"}
    return {
        "batchItemFailures": [
            {"itemIdentifier": message} for message in keys if keys[message] & failed
        ]
    }


def _keys(record: SQSRecord) -> set[str]:
    """The keys of a message; none for the test event that S3 sends when it is set up.

    S3 encodes a key as an HTML form does. https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
    """
    if "Records" not in record.json_body:
        return set()
    events = record.decoded_nested_s3_event.records
    return {unquote_plus(event.s3.get_object.key) for event in events}


def _log(key: str, outcome: Outcome) -> None:
    if outcome.error is None:
        logger.info(outcome.state, key=key)
    else:
        logger.warning(outcome.state, key=key, error=repr(outcome.error))
