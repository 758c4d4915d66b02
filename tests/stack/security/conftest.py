"""What tests of hostile requests share.

Every refusal is a 4xx that reveals nothing of the inside. The emulator's S3 names the bucket in its
own errors, which S3 does not do for CloudFront.
"""

from __future__ import annotations

import pytest

from local.stack import LocalStack
from local.user import User
from tests.stack.raw import PHOTOGRAPH, Raw


@pytest.fixture(scope="module")
def raw(local: LocalStack) -> Raw:
    return Raw(local)


@pytest.fixture(scope="package")
def kept(local: LocalStack) -> str:
    """The key of an image that nobody may change; it is stored once, so that its record rests."""
    user = User(local)
    user.put("kept.jpg", PHOTOGRAPH)
    user.wait_until_indexed("kept.jpg")
    return "kept.jpg"
