"""How long the built package takes from the start of its process to its first answer, by phase.

    python -m bench.cold_start [--bundle FOLDER] [--runs N]

The package is built as `sam build` does it for this machine's processor and runs under Lambda's own
runtime client, which talks to a Runtime API here; S3 and Secrets Manager are the emulator, Pinecone
is the local index, and the environment is what the template sets. Each figure is a fresh process
with warm file caches. The process has one processor, as 1,769 MB have on Lambda; the services have
the others.

`restored` is what a caller waits for with SnapStart, apart from the restore itself: from the hooks
after it to the answer. There is no snapshot here; the hooks run as they do on Lambda.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import boto3

from bench.package import PYTHON, Package, built, machine
from bench.phases import PHASES, Span, milliseconds, phases
from bench.places import ROOT, SAMPLES
from bench.runtime_api import FunctionError, RuntimeApi, serving
from local.service import free_port
from local.stack import NAME, LocalStack, started

_PICTURE = SAMPLES / "landscapes" / "mountain-picos-de-europa.jpg"
_FUNCTIONS = ("search", "index")
_COLUMNS = (
    *("interpreter", "runtime", "imports", "clients", "weights", "tokenizer", "session"),
    *("self-test", "answer", "total", "processor", "restored"),
)


@dataclass
class Bench:
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
            _use_processors(process.pid, slice(1, 2))
            try:
                yield api, begin
            finally:
                process.kill()
                process.wait()

    def _environment(self, function: str) -> dict[str, str]:
        """What the template sets, and what Lambda does."""
        name = _deployed(function)
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
        return _search() if function == "search" else _upload(self._put())

    def _put(self) -> str:
        """Store a picture under a new key."""
        key = f"{next(self._keys)}.jpg"
        body = _PICTURE.read_bytes()
        boto3.client("s3").put_object(Bucket=self.local.images_bucket, Key=key, Body=body)
        return key


def main() -> None:
    """Print the table."""
    options = _options()
    figures: dict[str, list[dict[str, float]]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder, bench(Path(folder), options.bundle) as it:
        it.cold("index")  # something to find, and files in the system's cache
        for _ in range(options.runs):
            for name in _FUNCTIONS:
                figures[name].append(it.cold(name) | {"restored": it.restored(name)})
    print(f"bundle {options.bundle.name}: ms, least and median of {options.runs}")
    print(" " * 14 + "".join(f"{column:>12}" for column in _COLUMNS))
    for name, runs in figures.items():
        for statistic in (min, statistics.median):
            cells = (statistic([run[column] for run in runs]) for column in _COLUMNS)
            print(f"{name:7}{statistic.__name__:7}" + "".join(f"{cell:12.0f}" for cell in cells))


@contextmanager
def bench(folder: Path, bundle: Path) -> Iterator[Bench]:
    """The package and all that it needs, until the block ends."""
    package = built(machine())
    _use_processors(0, slice(0, 1))  # and those of the services
    with started(folder, bundle, free_port(), free_port(), lambda _: None) as local:
        boto3.client("s3").put_bucket_notification_configuration(  # the events are ours to send
            Bucket=local.images_bucket, NotificationConfiguration={}
        )
        yield Bench(package, local, folder)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.cold_start", description=__doc__)
    parser.add_argument("--bundle", type=Path, default=ROOT / "build" / "bundles" / "offline")
    parser.add_argument("--runs", type=int, default=9)
    return parser.parse_args()


def _use_processors(pid: int, which: slice) -> None:
    """Keep a process apart from the others, where there is more than one processor."""
    processors = sorted(os.sched_getaffinity(os.getppid()))[which]
    if processors:
        os.sched_setaffinity(pid, processors)


def _deployed(function: str) -> str:
    """The name of a function of the stack."""
    answer = boto3.client("cloudformation").describe_stack_resource(
        StackName=NAME, LogicalResourceId=f"{function.title()}Function"
    )
    return str(answer["StackResourceDetail"]["PhysicalResourceId"])


def _answered(function: str, api: RuntimeApi) -> int:
    """When a function answered its event as it should."""
    said = api.heard("response")
    answer = json.loads(said.body)
    works = not answer["batchItemFailures"] if function == "index" else _matches(answer)
    if not works:
        raise FunctionError(f"{function} answered {answer}")
    return said.moment


def _matches(answer: dict[str, str]) -> bool:
    return bool(json.loads(answer["body"]).get("matches"))


def _search() -> dict[str, Any]:
    return {
        "version": "2.0",
        "rawPath": "/api/search",
        "rawQueryString": "text=a+mountain",
        "queryStringParameters": {"text": "a mountain"},
        "headers": {},
        "requestContext": {
            "stage": "$default",
            "http": {"method": "GET", "path": "/api/search"},
        },
        "isBase64Encoded": False,
    }


def _upload(key: str) -> dict[str, Any]:
    body = {"Records": [{"eventName": "ObjectCreated:Put", "s3": {"object": {"key": key}}}]}
    return {"Records": [{"messageId": "1", "eventSource": "aws:sqs", "body": json.dumps(body)}]}


if __name__ == "__main__":
    main()
