"""The functions take the events of `events/`, which are as AWS sends them."""

import json

from pinecone import Pinecone

from image_search import s3_connection
from index_function import create_handler
from setup_function import IndexSetup
from setup_function import create_handler as create_setup_handler
from tests.unit.images import flat
from tests.unit.indexes import World
from tests.unit.lambdas import Context, sample_event
from tests.unit.servers import serving
from tests.unit.test_template import TEMPLATE


def test_the_index_function_takes_a_batch_of_an_upload_and_a_deletion(image_encoder):
    world = World(image_encoder, **{"holiday/red flower & bée.jpg": flat()})

    answer = create_handler([world.indexer])(sample_event("index"), Context())

    assert answer == {"batchItemFailures": []}
    assert list(world.indexed()) == ["holiday/red flower & bée.jpg"]


def test_the_search_function_takes_a_query(api):
    answer = api.take(sample_event("search"))

    assert answer.status == 200
    assert len(answer.body["matches"]) == 2


def test_the_setup_function_takes_a_request_of_cloudformation(aws):
    with serving() as cloudformation:
        event = sample_event("setup") | {"ResponseURL": cloudformation.url}
        function = IndexSetup(s3_connection.client(), lambda _: "any", Pinecone)
        create_setup_handler(function)(event, Context())
        ((_, _, body),) = cloudformation.asked

    answer = json.loads(body)
    assert answer["LogicalResourceId"] == "PineconeIndexResource"
    assert event["ResourceProperties"]["Bundle"] in answer["Reason"], "the account has no bundles"


def test_the_request_of_cloudformation_has_the_template_s_properties():
    properties = TEMPLATE["Resources"]["PineconeIndexResource"]["Properties"]

    assert sample_event("setup")["ResourceProperties"].keys() == properties.keys()


def test_the_doctor_s_event_is_what_its_schedule_sends():
    schedule = TEMPLATE["Resources"]["DoctorSchedule"]["Properties"]

    assert sample_event("doctor") == json.loads(schedule["Target"]["Input"])
