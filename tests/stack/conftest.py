"""What tests of the stack share."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest

from local.stack import LocalStack
from local.user import User


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
