"""The functions of the built package under Lambda's own runtime client, one process at a time.

The client talks to a Runtime API here. S3 and Secrets Manager are the emulator, Pinecone is the
local index.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import IO

import boto3

from bench.pictures import KINDS, jpegs
from deploy.stack import ROOT
from image_search.uploads_queue import event
from local.stack import LocalStack, started
from tests.package.runtime_api import FunctionError, RuntimeApi, serving
from tests.package.sam_build import PYTHON, Package, built, machine

_SNAP_START = {"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"}
_EMULATED = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
_REGION = {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"}
_numbers = count()


@dataclass
class Function:
    """A function of a built package, beside a stack that it is no part of."""

    name: str
    package: Package
    local: LocalStack
    log: IO[bytes]
    processors: Sequence[int]

    def measure(self, _round: int) -> dict[str, float]:
        """Milliseconds of one cold start and one restore."""
        return self.cold() | {"restored": self.restored()}

    def cold(self) -> dict[str, float]:
        """Milliseconds of one cold start."""
        with self._started({}) as (api, begin):
            _, ready = api.wait_for("next")
            end = self._answered(api)
        times = {"initialised": ready - begin, "answer": end - ready, "total": end - begin}
        return {name: time / 1e6 for name, time in times.items()} | {"processor": api.cpu_ms}

    def restored(self) -> float:
        """Milliseconds from a restore to the first answer."""
        with self._started(_SNAP_START) as (api, _):
            _, restored = api.wait_for("restore")
            api.wait_for("next")
            return (self._answered(api) - restored) / 1e6

    @contextmanager
    def _started(self, more: Mapping[str, str]) -> Iterator[tuple[RuntimeApi, int]]:
        """A process that has an event to answer, and when it began."""
        command = [PYTHON, "-S", "-P", "-m", "awslambdaric", "app.handler"]
        with serving(self._event()) as api:
            environment = {**self._environment(), **more, "AWS_LAMBDA_RUNTIME_API": api.address}
            begin = time.monotonic_ns()
            process = subprocess.Popen(command, env=environment, stdout=self.log, stderr=self.log)
            if self.processors:
                os.sched_setaffinity(process.pid, self.processors)
            try:
                yield api, begin
            finally:
                process.kill()
                _, process.returncode, used = os.wait4(process.pid, 0)
                api.cpu_ms = (used.ru_utime + used.ru_stime) * 1000

    def _environment(self) -> dict[str, str]:
        """What the template sets, and what Lambda does."""
        configuration = self.local.configuration(f"{self.name.title()}Function")
        return {
            **configuration["Environment"]["Variables"],
            **_EMULATED,
            **_REGION,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.local.port}",
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(map(str, self.package.path(self.name))),
            "PYTHONDONTWRITEBYTECODE": "1",  # there the folders cannot be written
            "AWS_LAMBDA_FUNCTION_NAME": configuration["FunctionName"],
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(configuration["MemorySize"]),
        }

    def _event(self) -> object:
        """A search, or the message of the uploads queue about a photograph that was never there."""
        if self.name == "search":
            return json.loads((ROOT / "events" / "search.json").read_text())
        number = next(_numbers)
        bucket, key, body = self.local.images_bucket, f"{number}.jpg", next(jpegs(KINDS[1], number))
        boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=body)
        return {"Records": [{"messageId": "1", "eventSource": "aws:sqs", "body": event(key)}]}

    def _answered(self, api: RuntimeApi) -> int:
        """When the function answered its event as it should."""
        body, moment = api.wait_for("response")
        answer = json.loads(body)
        found = self.name == "search" and json.loads(answer["body"]).get("matches")
        if not found and answer != {"batchItemFailures": []}:
            raise FunctionError(f"{self.name} answered {body}")
        return moment


@contextmanager
def functions(
    bundle: Path, checkouts: Collection[Path] = (ROOT,), processors: Sequence[int] = ()
) -> Iterator[dict[str, Function]]:
    """The functions of each checkout by name, and all that they need, until the block ends."""
    with (
        tempfile.TemporaryFile() as log,
        tempfile.TemporaryDirectory() as data,
        started(Path(data), bundle) as local,
    ):
        # Nothing but the messages that are sent here: the bucket reports no objects.
        boto3.client("s3").put_bucket_notification_configuration(
            Bucket=local.images_bucket, NotificationConfiguration={}
        )
        made = {
            f"{name}, {path}": Function(name, built(machine(), path), local, log, processors)
            for path in sorted(checkouts)
            for name in ("index", "search")
        }
        for one in made.values():
            if one.name == "index":
                one.cold()  # an image to find
        yield made
