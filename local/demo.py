"""`make demo`: the whole system on this machine, with photographs to search."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tqdm import tqdm

from deploy.doctor import queue_everything
from deploy.errors import DeployError
from deploy.stack import ROOT
from image_search.errors import BundleError
from image_search.formats import CONTENT_TYPES
from local.cloud import COST, Cloud
from local.service import ServiceError
from local.stack import LocalStack, started
from model.build import build
from model.clip.precisions import host
from model.download import HubUnreachableError
from model.errors import ModelError
from model.registry import OFFLINE

# The emulator's state, and the samples in its buckets.
_NEEDED_BYTES = 500 * 2**20
# Copies of a bundle: in the model bucket, and where the functions read it.
_BUNDLE_COPIES = 2
# An image takes a fraction of a second; failed ones are retried every half minute.
_STALLED_SECONDS = 60
_LOG_LINES = 15
_POLL_SECONDS = 0.3


def main() -> int:
    """Run until Ctrl-C; returns the exit status."""
    options = _options()
    for stop in (signal.SIGINT, signal.SIGTERM):  # a shell's background jobs ignore the first
        signal.signal(stop, signal.default_int_handler)
    start = time.perf_counter()

    def say(what: str) -> None:
        print(f"{time.perf_counter() - start:6.1f} s  {what}", flush=True)

    try:
        _require_disk(options.data, _NEEDED_BYTES)
        bundle = _bundle(options.model, say)
        size = sum(file.stat().st_size for file in bundle.iterdir())
        _require_disk(options.data, _NEEDED_BYTES + _BUNDLE_COPIES * size)
        data = options.data / "cloud" if options.index == "cloud" else options.data
        cloud = Cloud.from_environment(data) if options.index == "cloud" else None
        if cloud:
            say(COST)
        with started(data, bundle, options.port, options.port + 1, say, cloud=cloud) as local:
            upload(options.images, local.images_bucket)
            say(f"uploaded {options.images}")
            # The model may have changed, or a stop lost events. Indexed images are skipped.
            queue_everything(local.stack.outputs)
            wait_until_indexed(local)
            say("every image is findable")
            print(instructions(local, data))
            signal.pause()
    except KeyboardInterrupt:
        print("\nstopped; make demo starts again with the same images, make clean forgets them")
    except (ServiceError, DeployError, ModelError, BundleError) as error:
        print(f"make demo: {error}", file=sys.stderr)
        return 1
    return 0


def upload(directory: Path, bucket: str) -> None:
    """Upload the images of a folder that the bucket does not have yet, as the AWS CLI does."""
    patterns = ["".join(f"[{c}{c.upper()}]" for c in pattern) for pattern in CONTENT_TYPES]
    includes = [word for pattern in patterns for word in ("--include", f"*.{pattern}")]
    command = ["s3", "sync", str(directory), f"s3://{bucket}/", "--exclude", "*", *includes]
    subprocess.run(
        [sys.executable, "-m", "awscli", *command, "--no-progress", "--only-show-errors"],
        check=True,
    )


def wait_until_indexed(local: LocalStack) -> None:
    """Wait until no image of the bucket is pending, with a progress bar.

    Raises:
        ServiceError: none became findable for a minute; the message ends with the log's end.
    """
    cursor, moved, last = "", time.monotonic(), (0, "")
    with (
        local.client() as client,
        tqdm(desc="         indexing", unit=" images", leave=False) as bar,
    ):
        while cursor is not None:
            page = client.get("/api/images", params={"cursor": cursor, "limit": 100}).json()
            pending = [image for image in page["images"] if image["state"] == "pending"]
            bar.update(len(page["images"]) - len(pending))
            if (now := (len(pending), cursor)) != last:
                moved, last = time.monotonic(), now
            if time.monotonic() - moved > _STALLED_SECONDS:
                raise ServiceError(_stalled(len(pending), local.log))
            if pending:
                bar.update(len(pending) - len(page["images"]))
                time.sleep(_POLL_SECONDS)
            else:
                cursor = page["cursor"]


def instructions(local: LocalStack, data: Path) -> str:
    """Return the instructions to print; `data` is the directory of the demo."""
    config = os.path.relpath(data / "aws-config")
    return f"""
  Open       {local.url}
  Search     curl '{local.url}/api/search?text=waterfall&top_k=3'
  Upload     AWS_CONFIG_FILE={config} .venv/bin/aws s3 cp photo.jpg s3://{local.images_bucket}/
  Stop       Ctrl-C
"""


def _stalled(pending: int, log: Path) -> str:
    """The last errors of the functions, which explain why nothing is indexed."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    errors = [line for line in lines if "ERROR" in line or "Error" in line] or lines
    end = "\n".join(line[:500] for line in errors[-_LOG_LINES:])
    return (
        f"no image became findable for {_STALLED_SECONDS} seconds, {pending} are waiting; {log} "
        f"ends with\n{end}"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.demo", description=__doc__)
    parser.add_argument("--port", type=int, default=4566, help="and the next one for the index")
    parser.add_argument(
        "--data", type=Path, default=ROOT / ".demo", help="where everything is kept"
    )
    parser.add_argument("--images", type=Path, default=ROOT / "samples", help="folder to upload")
    parser.add_argument(
        "--index", choices=["local", "cloud"], default="local", help="cloud is Pinecone itself"
    )
    parser.add_argument("--model", default=OFFLINE, help="of the registry")
    return parser.parse_args()


def _bundle(name: str, say: Callable[[str], None]) -> Path:
    """Build the model's bundle for this processor.

    It falls back to the offline model only if the hub does not answer, and says so.
    """
    out = ROOT / "build" / "bundles"
    try:
        return build(name, out, say, host())
    except HubUnreachableError as error:
        say(f"{error}\n          CONTINUING WITH THE OFFLINE MODEL, which is not {name}")
        return build(OFFLINE, out, say)


def _require_disk(directory: Path, needed: int) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(directory).free
    if free < needed:
        raise ServiceError(f"{directory} has {free >> 20} MB left, {needed >> 20} MB are needed")


if __name__ == "__main__":
    sys.exit(main())
