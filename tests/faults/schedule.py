"""The faults, one after the other, each while a collection changes."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import boto3

from deploy.uploads import event
from local.smoke import until
from tests.faults import proxy
from tests.faults.collection import Collection
from tests.faults.proxy import Fault, Proxy
from tests.faults.site import Site

# A fault meets so many requests at once, and then one in so many.
_BURST, _ONE_IN = 3, 20
# How often processes are killed; a message is tried five times.
_KILLS = 3
_DOWN_SECONDS = 1.0
# Events that come twice come up to so much later.
_LATE_SECONDS = 3
_SLOW_DOWN = b"<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>"
_DENIED = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
_DENIED_FOLDER = "denied"


@dataclass
class Rehearsal:
    """A site with a collection that changes while faults are injected."""

    site: Site
    collection: Collection
    random: random.Random
    survived: dict[str, int] = field(default_factory=dict)
    """How often each fault struck."""

    def change(self, count: int, folder: str) -> list[str]:
        """Make changes; returns their keys."""
        return [self.collection.change(folder) for _ in range(count)]

    def check(self) -> None:
        """Nothing differs, and no event is dead."""
        self.site.drain()
        report, dead = self.site.examined(), self.site.dead()
        assert report.differences == 0, "\n".join(report.lines())
        assert dead == []
        pictures, keys = len(self.collection.pictures), len(self.collection.keys)
        seen = (report.seen["images"], report.seen["records"], report.seen["thumbnails"])
        assert seen == (keys, pictures, pictures)


Run = Callable[[Rehearsal, int, str], int]
"""Injects a fault while so many changes are made in a folder; returns how often it struck."""


def rehearse(rehearsal: Rehearsal, objects: int) -> None:
    """Put so many changes through every fault; each must leave no difference.

    Raises:
        AssertionError: something was lost.
        SmokeError: the queue did not drain.
    """
    rehearsal.site.come_again_after(2)
    for number, (name, run) in enumerate(FAULTS.items()):
        count = objects * (number + 1) // len(FAULTS) - objects * number // len(FAULTS)
        struck = run(rehearsal, count, f"fault {number}")
        rehearsal.check()
        assert struck > 0, f"{name} did not strike"
        rehearsal.survived[name] = struck


def _through(target: Callable[[Site], Proxy], fault: Fault, burst: int = _BURST) -> Run:
    """A fault of what is between the index function and another service."""

    def run(rehearsal: Rehearsal, count: int, folder: str) -> int:
        between = target(rehearsal.site)
        chosen = iter(_sometimes(rehearsal.random, fault, burst))
        with _meeting(between, lambda _: next(chosen)):
            rehearsal.change(count, folder)
            rehearsal.site.drain()
        return between.spoiled

    return run


def _sometimes(chance: random.Random, fault: Fault, burst: int) -> Iterator[Fault | None]:
    yield from [fault] * burst
    while True:
        yield None if chance.randrange(_ONE_IN) else fault


@contextmanager
def _meeting(between: Proxy, fault: Callable[[str], Fault | None]) -> Iterator[None]:
    between.spoiled, between.fault = 0, fault
    try:
        yield
    finally:
        between.fault = proxy.untroubled


def _killed(rehearsal: Rehearsal, count: int, folder: str) -> int:
    killed = 0
    for part in range(_KILLS):
        rehearsal.change(count * (part + 1) // _KILLS - count * part // _KILLS, folder)
        until(lambda: rehearsal.site.waiting() > 0, "nothing to do")
        killed += rehearsal.site.kill_function()
    return killed


def _killed_unacknowledged(rehearsal: Rehearsal, count: int, folder: str) -> int:
    """Between the upsert and the acknowledgement."""
    site, strikes = rehearsal.site, iter(range(_KILLS))

    def kill(exchange: proxy.Exchange) -> None:
        exchange.asked()
        site.kill_function()

    def after_upsert(path: str) -> Fault | None:
        return kill if path.endswith("/upsert") and next(strikes, None) is not None else None

    with _meeting(site.index, after_upsert):
        rehearsal.collection.put(folder)
        rehearsal.change(count - 1, folder)
        site.drain()
    return site.index.spoiled


def _restarted(rehearsal: Rehearsal, count: int, folder: str) -> int:
    rehearsal.change(count // 2, folder)
    rehearsal.site.kill_index()
    rehearsal.change(count - count // 2, folder)
    time.sleep(_DOWN_SECONDS)  # the fault itself
    rehearsal.site.start_index()
    return 1


def _repeated(rehearsal: Rehearsal, count: int, folder: str) -> int:
    """Every event comes again, some several times, later and in another order."""
    again = [key for key in rehearsal.change(count, folder) for _ in range(3)]
    rehearsal.random.shuffle(again)
    sqs = boto3.client("sqs")
    for key in again:
        delay = rehearsal.random.randint(0, _LATE_SECONDS)
        sqs.send_message(
            QueueUrl=rehearsal.site.queue, MessageBody=event([key]), DelaySeconds=delay
        )
    return len(again)


def _denied(rehearsal: Rehearsal, count: int, folder: str) -> int:
    """S3 refuses some objects: their events, and no others, die, and come back to life."""
    site, deny = rehearsal.site, proxy.refusing(403, _DENIED)
    refused = f"/{rehearsal.collection.bucket}/{_DENIED_FOLDER}/"
    with _meeting(site.s3, lambda path: deny if path.startswith(refused) else None):
        keys = [rehearsal.collection.put(_DENIED_FOLDER) for _ in range(max(1, count // 3))]
        for _ in range(count - len(keys)):
            rehearsal.collection.put(folder)
        site.drain()
        assert site.dead() == sorted(keys)
        assert site.examined().totals["missing"] == len(keys)
    assert site.redrive() == len(keys)
    return len(keys)


def _index(site: Site) -> Proxy:
    return site.index


def _s3(site: Site) -> Proxy:
    return site.s3


FAULTS: dict[str, Run] = {
    "the index answers 429": _through(_index, proxy.refusing(429, b"{}")),
    "the index answers 500": _through(_index, proxy.refusing(500, b"{}")),
    "the index answers too late, the queue sends again": _through(_index, proxy.be_slow, burst=1),
    "the index's answer is cut off": _through(_index, proxy.cut),
    "the index does what is asked and never says so": _through(_index, proxy.lose),
    "the index accepts and shows later": _through(_index, proxy.hide, burst=50),
    "the index is killed and restarted": _restarted,
    "S3 answers 503 SlowDown": _through(_s3, proxy.refusing(503, _SLOW_DOWN)),
    "S3's answer is cut off": _through(_s3, proxy.cut),
    "the function is killed in a batch": _killed,
    "the function is killed between upsert and acknowledgement": _killed_unacknowledged,
    "events come again, late and in another order": _repeated,
    "S3 refuses some objects until that is mended": _denied,
}
