"""What tests of the stack share."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import boto3
import pytest

from local.stack import LocalStack
from local.user import User


@pytest.fixture(scope="package", autouse=True)
def shared_clients() -> Iterator[None]:
    """Sessions keep their clients: a deployment asks for forty, and each takes 6 ms to make."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(boto3.session.Session, "client", cache(boto3.session.Session.client))
        yield


@pytest.fixture(scope="module")
def user(local: LocalStack) -> User:
    return User(local)


@pytest.fixture
def no_events(local: LocalStack) -> Iterator[None]:
    """The images bucket reports no events meanwhile."""
    s3 = boto3.client("s3")
    configured = s3.get_bucket_notification_configuration(Bucket=local.images_bucket)
    configured.pop("ResponseMetadata")

    def configure(notifications: dict) -> None:
        s3.put_bucket_notification_configuration(
            Bucket=local.images_bucket, NotificationConfiguration=notifications
        )

    configure({})
    yield
    configure(configured)
