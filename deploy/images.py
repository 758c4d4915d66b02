"""Uses an images bucket that exists already: changes one setting, and restores it at the end."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import boto3
from botocore.exceptions import ClientError

from deploy import buckets
from deploy.errors import DeployError

# The headers that the page sends with a signed upload.
UPLOAD_HEADERS = ("content-type", "if-none-match", "if-match", "x-amz-checksum-sha256")
_CORS = [
    {
        "AllowedMethods": ["PUT"],
        "AllowedOrigins": ["*"],
        "AllowedHeaders": UPLOAD_HEADERS,
        "ExposeHeaders": ["ETag"],
    }
]


def prepare(
    bucket: str, given: Mapping[str, str], distribution: str, say: Callable[[str], None]
) -> dict[str, str]:
    """Check a bucket and return the parameters that it needs; nothing is changed yet.

    `distribution` is the id of the stack's distribution; empty if there is no stack yet.

    Raises:
        DeployError: the bucket cannot be used, or not with these parameters.
    """
    _require_here(bucket)
    found = {"DistributionReads": str(_lets_read(bucket, distribution)).lower()}
    if (key := _key_of(bucket)) and not given.get("ImagesKey"):
        found["ImagesKey"] = key
    if given.get("Writes", "signed-in") != "off" and not _allows_put(bucket):
        cors = json.dumps({"CORSRules": _CORS})
        say(
            f"uploads and deletions by the page stay off: s3://{bucket} has no CORS rule for PUT "
            "with the headers of an upload. "
            f"Add one, then deploy with Writes=signed-in:\n  aws s3api put-bucket-cors "
            f"--bucket {bucket} --cors-configuration '{cors}'"
        )
        found["Writes"] = "off"
    return found


def policy_hint(bucket: str, prefix: str, distribution: str) -> str:
    """The statement that a bucket's policy needs so that CloudFront can serve its images."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/{prefix}*",
        "Condition": {"StringEquals": {"AWS:SourceArn": _arn(distribution)}},
    }
    return (
        f"browsers get the images from S3, by signed URLs. For CloudFront to serve them, add this "
        f"statement to the policy of s3://{bucket}, then deploy again:\n  {json.dumps(statement)}"
    )


def subscribe(bucket: str, notebook: str, stack: str, say: Callable[[str], None]) -> None:
    """Let a bucket send its events to EventBridge, in addition to its other notifications.

    The change is noted in the deployment bucket, for `release`.

    Raises:
        DeployError: somebody else changed the notifications at the same time.
    """
    before = _notifications(bucket)
    if "EventBridgeConfiguration" in before:
        return
    say(f"s3://{bucket} sends its events to EventBridge from now on; nothing else is changed")
    buckets.put(notebook, buckets.note_of(stack), json.dumps({"bucket": bucket}).encode())
    _replace(bucket, before, before | {"EventBridgeConfiguration": {}})


def release(bucket: str, notebook: str, stack: str, rule: str) -> None:
    """Leave a bucket as `subscribe` found it; its events stay on if other rules read them.

    Raises:
        DeployError: somebody else changed the notifications at the same time.
    """
    if not buckets.exists(bucket) or not buckets.has(notebook, buckets.note_of(stack)):
        return
    before = _notifications(bucket)
    if "EventBridgeConfiguration" in before and not _readers(bucket) - {rule}:
        rest = {name: value for name, value in before.items() if name != "EventBridgeConfiguration"}
        _replace(bucket, before, rest)
    buckets.delete(notebook, [buckets.note_of(stack)])


def _require_here(bucket: str) -> None:
    session = boto3.session.Session()
    if not buckets.exists(bucket):
        raise DeployError(f"there is no bucket {bucket} in this account")
    place = session.client("s3").get_bucket_location(Bucket=bucket)["LocationConstraint"]
    if (place or "us-east-1") != session.region_name:
        raise DeployError(
            f"s3://{bucket} is in {place or 'us-east-1'}: deploy there, in place of "
            f"{session.region_name}"
        )


def _key_of(bucket: str) -> str:
    """The ARN of the KMS key that a bucket encrypts with; empty for S3's own key."""
    s3 = boto3.client("s3")
    missing = "ServerSideEncryptionConfigurationNotFoundError"
    encryption = _unless(missing, lambda: s3.get_bucket_encryption(Bucket=bucket))
    rules = encryption.get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
    for default in (rule["ApplyServerSideEncryptionByDefault"] for rule in rules):
        if default["SSEAlgorithm"] != "AES256":
            key = str(default.get("KMSMasterKeyID", "alias/aws/s3"))
            return str(boto3.client("kms").describe_key(KeyId=key)["KeyMetadata"]["Arn"])
    return ""


def _allows_put(bucket: str) -> bool:
    s3 = boto3.client("s3")
    rules = _unless("NoSuchCORSConfiguration", lambda: s3.get_bucket_cors(Bucket=bucket))
    return any(
        "PUT" in rule["AllowedMethods"]
        and all(_allowed(header, rule.get("AllowedHeaders", [])) for header in UPLOAD_HEADERS)
        for rule in rules.get("CORSRules", [])
    )


def _allowed(header: str, patterns: Sequence[str]) -> bool:
    """Whether one of a CORS rule's patterns, each with at most one `*`, allows a header."""
    return any(fnmatchcase(header, pattern.lower()) for pattern in patterns)


def _lets_read(bucket: str, distribution: str) -> bool:
    """Whether a bucket's policy names the distribution in a statement that allows something."""
    if not distribution:
        return False
    s3 = boto3.client("s3")
    policy = _unless("NoSuchBucketPolicy", lambda: s3.get_bucket_policy(Bucket=bucket))
    statements = json.loads(policy.get("Policy", '{"Statement": []}'))["Statement"]
    arn = _arn(distribution)
    return any(one["Effect"] == "Allow" and arn in json.dumps(one) for one in statements)


def _arn(distribution: str) -> str:
    return f"arn:aws:cloudfront::{buckets.account()}:distribution/{distribution}"


def _unless(code: str, request: Callable[[], Any]) -> dict[str, Any]:
    """The response of S3; empty if nothing is configured."""
    try:
        return dict(request())
    except ClientError as error:
        if error.response["Error"]["Code"] != code:
            raise
        return {}


def _notifications(bucket: str) -> dict[str, Any]:
    answer = boto3.client("s3").get_bucket_notification_configuration(Bucket=bucket)
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def _replace(bucket: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Replace all notifications; S3 has no conditional write, so they are read before and after."""
    if _notifications(bucket) != before:
        raise DeployError(f"the notifications of s3://{bucket} changed just now: try again")
    boto3.client("s3").put_bucket_notification_configuration(
        Bucket=bucket,
        NotificationConfiguration=after,  # type: ignore[arg-type]
        SkipDestinationValidation=True,  # destinations of others must not get a test message
    )
    if _notifications(bucket) != after:
        raise DeployError(
            f"the notifications of s3://{bucket} are not as they were set: look there"
        )


def _readers(bucket: str) -> set[str]:
    """The names of the rules on this account's bus that may read a bucket's events."""
    pages = boto3.client("events").get_paginator("list_rules").paginate()
    patterns = {
        str(rule["Name"]): json.loads(rule.get("EventPattern") or "{}")
        for page in pages
        for rule in page["Rules"]
    }
    return {name for name, pattern in patterns.items() if _may_read(pattern, bucket)}


def _may_read(pattern: Mapping[str, Any], bucket: str) -> bool:
    """Whether a pattern matches a bucket's events; in doubt it does."""
    if not pattern or "aws.s3" not in pattern.get("source", ["aws.s3"]):
        return False
    names = pattern.get("detail", {}).get("bucket", {}).get("name", [bucket])
    return any(name == bucket or not isinstance(name, str) for name in names)
