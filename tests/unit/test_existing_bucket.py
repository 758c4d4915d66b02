"""What a deployment reads, changes and restores of a bucket that exists."""

import json
from types import SimpleNamespace

import boto3
import pytest

from deploy import buckets, cloudformation, destroy, images
from deploy.cloudformation import Remembered
from deploy.errors import DeployError
from image_search.pinecone_index import namespace

THEIRS = {"TopicConfigurations": [{"Id": "theirs", "TopicArn": "arn", "Events": ["s3:Object*"]}]}
ON = {"EventBridgeConfiguration": {}}
OFF = {"DistributionReads": "false"}


class Account:
    """The notifications of one bucket, and the rules of an account."""

    def __init__(self, configuration, **rules):
        self.configuration, self.rules = configuration, rules
        self.meanwhile = None
        self.objects = {}

    def get_bucket_notification_configuration(self, **_):
        configuration = dict(self.configuration)
        if self.meanwhile is not None:
            self.configuration = self.meanwhile
        return configuration | {"ResponseMetadata": {}}

    def put_bucket_notification_configuration(self, **configuration):
        self.configuration = configuration["NotificationConfiguration"]

    def get_paginator(self, _name):
        return self

    def paginate(self):
        rules = self.rules.items()
        listed = [{"Name": name, "EventPattern": json.dumps(rule)} for name, rule in rules]
        return [{"Rules": [*listed, {"Name": "a-schedule"}]}]


@pytest.fixture
def use(monkeypatch):
    def install(account):
        notes = account.objects
        monkeypatch.setattr(boto3, "client", lambda _: account)
        monkeypatch.setattr(buckets, "exists", lambda _: True)
        monkeypatch.setattr(buckets, "has", lambda _, key: key in notes)
        monkeypatch.setattr(buckets, "put", lambda _, key, data: notes.update({key: data}))
        monkeypatch.setattr(buckets, "delete", lambda _, keys: [notes.pop(key) for key in keys])
        return account

    return install


def subscribe():
    images.subscribe("photos", "deployment", "mine", lambda _: None)


def release():
    images.release("photos", "deployment", "mine", "our-rule")


def pattern(**bucket):
    return {"source": ["aws.s3"], "detail": {"bucket": bucket}}


@pytest.mark.parametrize(
    "others",
    [{}, {"of-another-bucket": pattern(name=["other"])}, {"of-ec2": {"source": ["aws.ec2"]}}],
)
def test_events_are_switched_on_and_off_again_and_the_rest_stays(others, use):
    account = use(Account(THEIRS, **{"our-rule": pattern(name=["photos"])}, **others))

    subscribe()
    assert account.configuration == THEIRS | ON
    release()
    assert account.configuration == THEIRS
    assert account.objects == {}


@pytest.mark.parametrize(
    "account",
    [
        Account(THEIRS, theirs=pattern(name=["photos"])),
        Account(THEIRS, theirs=pattern(name=[{"prefix": "pho"}])),
        Account(THEIRS, theirs={"source": ["aws.s3"]}),
        Account(THEIRS, theirs={"detail-type": ["Object Created"]}),
        Account(THEIRS | ON),
    ],
    ids=["by name", "by prefix", "by source", "by type", "were on before"],
)
def test_events_that_others_read_or_that_were_on_before_stay_on(account, use):
    use(account)

    subscribe()
    release()

    assert account.configuration == THEIRS | ON


def test_notifications_that_change_in_the_meantime_are_not_overwritten(use):
    account = use(Account(THEIRS))
    account.meanwhile = {"QueueConfigurations": []}

    with pytest.raises(DeployError, match="changed just now: try again"):
        subscribe()

    assert account.configuration == account.meanwhile


def test_a_bucket_of_another_region_is_refused(new_bucket, monkeypatch):
    new_bucket("photos")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)

    with pytest.raises(DeployError, match="s3://photos is in eu-west-1: deploy there"):
        images.prepare("photos", {}, "", lambda _: None)


def test_a_bucket_that_is_not_there_is_named(new_bucket):
    with pytest.raises(DeployError, match="there is no bucket photos"):
        images.prepare("photos", {}, "", lambda _: None)


def test_writes_stay_off_until_the_bucket_allows_signed_puts(new_bucket):
    new_bucket("photos")
    said = []

    assert images.prepare("photos", {}, "", said.append) == OFF | {"Writes": "off"}
    printed = json.loads(said[0].split("--cors-configuration '")[1].removesuffix("'"))
    boto3.client("s3").put_bucket_cors(Bucket="photos", CORSConfiguration=printed)

    assert images.prepare("photos", {}, "", said.append) == OFF


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        (["content-type", "if-none-match", "if-match"], OFF | {"Writes": "off"}),
        (["Content-Type", "If-*", "x-amz-*"], OFF),
        (["*"], OFF),
    ],
)
def test_writes_need_a_rule_for_every_header_of_an_upload(headers, found, new_bucket):
    new_bucket("photos")
    rule = {"AllowedMethods": ["PUT"], "AllowedOrigins": ["*"], "AllowedHeaders": headers}
    boto3.client("s3").put_bucket_cors(Bucket="photos", CORSConfiguration={"CORSRules": [rule]})

    assert images.prepare("photos", {}, "", lambda _: None) == found


def test_the_key_that_encrypts_a_bucket_becomes_a_parameter(new_bucket):
    new_bucket("photos")
    key = boto3.client("kms").create_key()["KeyMetadata"]
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key["KeyId"]}
    boto3.client("s3").put_bucket_encryption(
        Bucket="photos",
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": default}]
        },
    )

    found = images.prepare("photos", {"Writes": "off"}, "", lambda _: None)

    assert found == OFF | {"ImagesKey": key["Arn"]}


def test_the_distribution_reads_once_the_printed_statement_is_in_the_bucket_s_policy(new_bucket):
    new_bucket("photos")

    def reads(distribution):
        found = images.prepare("photos", {"Writes": "off"}, distribution, lambda _: None)
        return found["DistributionReads"]

    assert reads("ours") == "false"
    statement = json.loads(images.policy_hint("photos", "2024/", "ours").split("\n")[1])
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    boto3.client("s3").put_bucket_policy(Bucket="photos", Policy=policy)

    assert (reads("ours"), reads("another"), reads("")) == ("true", "false", "false")
    assert statement["Resource"] == "arn:aws:s3:::photos/2024/*"


def test_images_that_another_stack_has_adopted_outlive_the_stack_they_came_with(
    new_bucket, monkeypatch
):
    adopted = Remembered(gone=True, parameters={}, outputs={"ImagesBucket": "photos"})
    new_bucket("photos").write("a.jpg", b"a", "image/jpeg")
    users = {"another": {}}
    monkeypatch.setattr(cloudformation, "stacks_with", lambda *_: users)

    destroy._remove_images(adopted)
    assert buckets.exists("photos")

    users.clear()
    destroy._remove_images(adopted)
    assert not buckets.exists("photos")


ONE = {"IndexHost": "host", "ImagesBucket": "photos", "Bundle": "clip"}
PART = ONE | {"ImagesPrefix": "2024/"}


@pytest.mark.parametrize(
    ("removed", "others", "dropped"),
    [
        (ONE, [], {"photos_clip"}),
        (ONE, [{"Url": "a stack of something else"}], {"photos_clip"}),
        # One stack has adopted the bucket that the other one made.
        (ONE, [ONE], set()),
        (ONE | {"OtherBundle": "newer"}, [ONE], {"photos_newer"}),
        (ONE, [ONE | {"Bundle": "newer", "OtherBundle": "clip"}], set()),
        # Two stacks have parts of one bucket.
        (ONE, [PART], {"photos_clip"}),
        (PART, [ONE], {namespace("photos", "clip", "2024/")}),
        (ONE, [ONE | {"IndexHost": "another"}], {"photos_clip"}),
    ],
)
def test_records_go_with_their_stack_unless_another_one_searches_them(
    removed, others, dropped, monkeypatch
):
    gone = set()
    monkeypatch.setattr(cloudformation, "outputs_of_all", lambda: others)
    monkeypatch.setattr(
        destroy, "vectors_at", lambda _, name: SimpleNamespace(drop=lambda: gone.add(name))
    )

    destroy._remove_records(removed)

    assert gone == dropped
