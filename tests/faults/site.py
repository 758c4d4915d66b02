"""The stack on this machine, whose index function reaches everything through proxies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import boto3

from deploy.doctor import checker
from deploy.redrive import redrive
from image_search import s3, s3_connection
from image_search.consistency import Report
from image_search.uploads_queue import UploadsQueue
from image_search.walk import compare
from local.stack import NAME, LocalStack, emulator, started, vector_index
from local.user import until
from tests.faults.proxy import Proxy, spoiling

# Longer than events are late.
_PATIENCE_SECONDS = 300
# Messages that were looked at just now.
_HIDDEN = "ApproximateNumberOfMessagesNotVisible"


@dataclass(frozen=True)
class Site:
    """A deployed stack, and what can be done to it."""

    local: LocalStack
    data: Path
    index: Proxy
    s3: Proxy
    services: ExitStack

    @property
    def queue(self) -> str:
        """The URL of the uploads queue."""
        return self.local.stack.outputs["UploadsQueue"]

    def set_visibility_timeout(self, seconds: int) -> None:
        """Set the visibility timeout of the uploads queue."""
        boto3.client("sqs").set_queue_attributes(
            QueueUrl=self.queue, Attributes={"VisibilityTimeout": str(seconds)}
        )

    def drain(self) -> None:
        """Wait until all events are acknowledged or dead, and all writes show."""
        until(lambda: self.waiting() == 0, "the queue does not drain", _PATIENCE_SECONDS)
        self.index.hidden.join()

    def waiting(self) -> int:
        """Messages of the uploads queue, those in work among them."""
        return self._uploads.waiting()

    @cached_property
    def _uploads(self) -> UploadsQueue:
        return UploadsQueue(self.queue)

    def examined(self) -> Report:
        """The report of doctor."""
        return compare(checker(self.local.stack.outputs))

    def thumbnails(self) -> int:
        """The number of thumbnails; rejections and the trash are beside them."""
        bucket = s3.Bucket(self.local.stack.outputs["ThumbnailsBucket"], s3_connection.client())
        return len(bucket.page("thumbs/", "", 1000)[0])

    def dead(self) -> list[str]:
        """The keys of the messages in the dead-letter queue, which stay there."""
        sqs, keys = boto3.client("sqs"), dict[str, str]()
        receive = {"MaxNumberOfMessages": 10, "VisibilityTimeout": 2}
        queue = self.local.stack.outputs["DeadLetters"]
        while messages := sqs.receive_message(QueueUrl=queue, **receive).get("Messages"):
            for message in messages:
                keys[message["MessageId"]] = json.loads(message["Body"])["detail"]["object"]["key"]
        return sorted(keys.values())

    def redrive(self) -> int:
        """Redrive the dead-letter queue; the number of its messages."""
        until(lambda: self._hidden_letters() == 0, "messages of the dead-letter queue stay hidden")
        return redrive(self.local.stack.outputs["DeadLetters"], self.queue)

    def _hidden_letters(self) -> int:
        answer = boto3.client("sqs").get_queue_attributes(
            QueueUrl=self.local.stack.outputs["DeadLetters"], AttributeNames=[_HIDDEN]
        )
        return int(answer["Attributes"][_HIDDEN])

    @contextmanager
    def no_events(self) -> Iterator[None]:
        """The images bucket reports no events meanwhile."""
        s3, bucket = boto3.client("s3"), {"Bucket": self.local.images_bucket}
        before = s3.get_bucket_notification_configuration(**bucket)
        before.pop("ResponseMetadata")
        s3.put_bucket_notification_configuration(**bucket, NotificationConfiguration={})
        yield
        s3.put_bucket_notification_configuration(**bucket, NotificationConfiguration=before)

    def kill_function(self) -> int:
        """Kill the processes of the index function; their number."""
        workers = self._ours(f"ministack-lambda-{NAME}-IndexFunction")
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        return len(workers)

    def _ours(self, command: str) -> list[int]:
        """Processes of this emulator, and no other's."""
        port = f"GATEWAY_PORT={self.local.port}"
        return [found for found in _processes(command) if port in _environment(found)]

    def restart_emulator(self) -> None:
        """Stop the emulator and all running functions, and start it with its stored state."""
        (process,) = self._ours("-m ministack$")
        os.kill(process, signal.SIGTERM)
        until(lambda: not self._ours("-m ministack$"), "the emulator does not stop")
        self.services.enter_context(emulator(self.data, self.local.port))

    def kill_index(self) -> None:
        """Kill the vector index."""
        for process in _processes(f"local.vector_index --port {self.local.index_port} "):
            os.kill(process, signal.SIGKILL)

    def start_index(self) -> None:
        """Start the vector index with its stored records."""
        self.services.enter_context(vector_index(self.data, self.local.index_port))


@contextmanager
def faulty_site(data: Path, bundle: Path) -> Iterator[Site]:
    """Start it; everything works until a proxy injects a fault."""
    with ExitStack() as services:
        local = services.enter_context(started(data, bundle))
        index = services.enter_context(spoiling(local.index_port))
        s3 = services.enter_context(spoiling(local.port))
        path = local.stack.outputs["IndexHost"].removeprefix(f"http://127.0.0.1:{local.index_port}")
        _lead({"INDEX_HOST": index.url + path, "AWS_ENDPOINT_URL_S3": s3.url})
        yield Site(local, data, index, s3, services)


def _lead(variables: dict[str, str]) -> None:
    """Give the index function other URLs, as a deployment would."""
    functions, name = boto3.client("lambda"), _function()
    present = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    functions.update_function_configuration(
        FunctionName=name, Environment={"Variables": present | variables}
    )
    version = functions.publish_version(FunctionName=name)["Version"]
    functions.update_alias(FunctionName=name, Name="live", FunctionVersion=version)


def _function() -> str:
    described = boto3.client("cloudformation").describe_stack_resource(
        StackName=NAME, LogicalResourceId="IndexFunction"
    )
    return str(described["StackResourceDetail"]["PhysicalResourceId"])


def _processes(command: str) -> list[int]:
    listing = subprocess.run(
        ["pgrep", "-f", "--", command], capture_output=True, text=True, check=False
    )
    return list(map(int, listing.stdout.split()))


def _environment(process: int) -> str:
    try:
        return Path(f"/proc/{process}/environ").read_text()
    except OSError:
        return ""
