"""The built package under Lambda's own runtime client, beside the stack on this machine.

S3 and Secrets Manager are the emulator, Pinecone is the local index, and the environment is what
the template sets.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import boto3

from bench import events
from bench.package import PYTHON, Package, built, machine
from bench.phases import PHASES, Span, milliseconds, phases
from bench.places import ROOT, SAMPLES
from bench.runtime_api import FunctionError, RuntimeApi, serving
from local.service import free_port
from local.stack import LocalStack, started

_PROCESSORS = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
_PICTURE = SAMPLES / "landscapes" / "mountain-picos-de-europa.jpg"


@dataclass
class Harness:
    """The built package beside a stack that it is no part of."""

    package: Package
    local: LocalStack
    folder: Path
    _keys: Iterator[int] = field(default_factory=count)

    def cold(self, function: str) -> dict[str, float]:
        """Milliseconds by phase of one cold start."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with self._started(function, {}) as (api, begin):
            ready = api.heard("next").moment
            answered = _answered(function, api)
            lines = (self.folder / "spans").read_text().splitlines()
        taken = phases(begin, [Span(*json.loads(line)) for line in lines])
        taken["answer"] = milliseconds(ready, answered)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return taken | {"total": milliseconds(begin, answered), "processor": seconds * 1000}

    def restored(self, function: str) -> float:
        """Milliseconds from a restore to the first answer."""
        snap_start = {"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"}
        with self._started(function, snap_start) as (api, _):
            restored = api.heard("restore").moment
            api.heard("next")
            return milliseconds(restored, _answered(function, api))

    @contextmanager
    def _started(self, function: str, more: Mapping[str, str]) -> Iterator[tuple[RuntimeApi, int]]:
        """A process of a function that has an event to answer, and when it began."""
        spans = self.folder / "spans"
        spans.unlink(missing_ok=True)
        command = [PYTHON, "-S", "-P", str(ROOT / "bench" / "spans.py"), str(spans), *PHASES]
        environment = {**self._environment(function), **more}
        with serving() as api, (self.folder / "function.log").open("ab") as log:
            api.send(self._event(function))
            environment["AWS_LAMBDA_RUNTIME_API"] = api.address
            begin = time.monotonic_ns()
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
            keep_to(slice(1, 2), process.pid)
            try:
                yield api, begin
            finally:
                process.kill()
                process.wait()

    def _environment(self, function: str) -> dict[str, str]:
        """What the template sets, and what Lambda does."""
        name = self.local.function(f"{function.title()}Function")
        configuration = boto3.client("lambda").get_function_configuration(FunctionName=name)
        return {
            **configuration["Environment"]["Variables"],
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(map(str, self.package.path(function))),
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.local.port}",
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "PYTHONDONTWRITEBYTECODE": "1",  # there the folders cannot be written
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(configuration["MemorySize"]),
        }

    def _event(self, function: str) -> dict[str, Any]:
        return events.search() if function == "search" else events.upload(self._put())

    def _put(self) -> str:
        """Store a picture under a new key."""
        key = f"{next(self._keys)}.jpg"
        body = _PICTURE.read_bytes()
        boto3.client("s3").put_object(Bucket=self.local.images_bucket, Key=key, Body=body)
        return key


@contextmanager
def harness(folder: Path, bundle: Path) -> Iterator[Harness]:
    """The package and all that it needs, until the block ends."""
    package = built(machine())
    with started(folder, bundle, free_port(), free_port(), lambda _: None) as local:
        boto3.client("s3").put_bucket_notification_configuration(  # the events are ours to send
            Bucket=local.images_bucket, NotificationConfiguration={}
        )
        yield Harness(package, local, folder)


def keep_to(processors: slice, pid: int = 0) -> None:
    """Keep a process, or this one with all that it starts, to some of this machine's processors."""
    if _PROCESSORS[processors]:
        os.sched_setaffinity(pid, _PROCESSORS[processors])


def _answered(function: str, api: RuntimeApi) -> int:
    """When a function answered its event as it should."""
    said = api.heard("response")
    if not events.worked(function, said.body):
        raise FunctionError(f"{function} answered {said.body.decode()}")
    return said.moment
