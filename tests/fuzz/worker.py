"""Index images one by one, within the function's memory, and report what became of each.

A process that dies names its last image by what it reported before: the next number.
"""

from __future__ import annotations

import ctypes
import json
import re
import resource
import signal
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from image_search.bundle import load_directory
from image_search.encoder import ImageEncoder
from tests.fuzz.corpus import corpus
from tests.fuzz.damage import damaged, made
from tests.fuzz.hostile import LARGE
from tests.tiny_bundle import write_tiny_bundle
from tests.unit.indexes import World

# Of processor time, so that a busy machine changes nothing.
LIMIT_SECONDS = 5
# What the template gives the index function.
MEMORY = 1769 * 2**20
# prctl(2)
_PR_SET_DUMPABLE = 4
# One of this many images is generated, which is slow, instead of damaged.
_MADE_EVERY = 200


def image(seed: int, number: int, large: bool) -> tuple[str, bytes]:
    """One input, always the same for the same numbers; the first are whole or very large."""
    first = list(LARGE.items()) if large else []
    if number < len(first):
        name, make = first[number]
        return name, make()
    whole = sorted(corpus().items())
    if number - len(first) < len(whole):
        return whole[number - len(first)]
    random = Random(f"{seed}/{number}")
    return made(random) if number % _MADE_EVERY == 0 else damaged(random)


def main() -> None:
    """Index the images from one number to another, in steps."""
    seed, first, stop, step, large = map(int, sys.argv[1:])
    with tempfile.TemporaryDirectory() as directory:
        encoder = ImageEncoder(load_directory(write_tiny_bundle(Path(directory) / "tiny")))
    for number in range(first, stop, step):
        name, data = image(seed, number, bool(large))
        print(json.dumps({"number": number, "name": name, **_indexed(encoder, data)}), flush=True)


def _indexed(encoder: ImageEncoder, data: bytes) -> dict[str, object]:
    """What the index function does with it, how long that takes, and the most memory it had."""
    world = World(encoder, image=data)
    forget_peak()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY + _reserved(), resource.RLIM_INFINITY))
    signal.setitimer(signal.ITIMER_PROF, LIMIT_SECONDS)  # its signal ends the process
    start = time.process_time()
    outcome = world.indexer.reconcile(["image"])["image"]
    seconds = time.process_time() - start
    signal.setitimer(signal.ITIMER_PROF, 0)
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return {
        "state": outcome.state,
        "reason": getattr(outcome.error, "reason", ""),
        "error": str(outcome.error or ""),
        "seconds": round(seconds, 3),
        "megabytes": status("VmHWM") // 1024,
    }


def _reserved() -> int:
    """Address space that libraries reserve and do not use."""
    return (status("VmSize") - status("VmRSS")) * 1024


def status(name: str) -> int:
    """What Linux says of this process, in kB: https://man7.org/linux/man-pages/man5/proc_pid_status.5.html."""
    found = re.search(rf"{name}:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) if found else 0


def forget_peak() -> None:
    """Let VmHWM be the most memory from now on."""
    # Decoding HEIC hides the memory of its process, even from the process itself.
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)
    Path("/proc/self/clear_refs").write_text("5")


if __name__ == "__main__":
    main()
