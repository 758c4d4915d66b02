"""The faults, one after the other, each while a collection changes."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import boto3

from deploy.doctor import table
from image_search.uploads import event
from tests.faults import proxy
from tests.faults.collection import Collection
from tests.faults.proxy import Exchange, Fault, Proxy
from tests.faults.site import Site

# A fault meets so many requests at once, and then one in so many. A message is tried five times.
_BURST, _ONE_IN = 4, 20
# Of errors that clients try again up to four times by themselves: batches fail too.
_LONG_BURST = 14
# How often processes are killed.
_KILLS = 2
_DOWN_SECONDS = 1.0
# When the queue shows a message again, in place of six minutes.
_VISIBLE_SECONDS = 2
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
    say: Callable[[str], None] = lambda _: None
    survived: dict[str, int] = field(default_factory=dict)
    """How often each fault struck."""

    def change(self, count: int, folder: str) -> list[str]:
        """Make changes; returns their keys."""
        return [self.collection.change(folder) for _ in range(count)]

    def check(self) -> None:
        """Nothing differs, and no event is dead."""
        self.site.drain()
        report, dead = self.site.examined(), self.site.dead()
        assert report.differences == 0, "\n".join(table(report))
        assert dead == []
        pictures, keys = len(self.collection.pictures), len(self.collection.keys)
        seen = (report.seen["images"], report.seen["records"], report.seen["thumbnails"])
        assert seen == (keys, pictures, pictures)


Run = Callable[[Rehearsal, int, str], int]
"""Injects a fault while so many changes are made in a folder; returns how often it struck."""


def rehearse(rehearsal: Rehearsal, changes: int, faults: Mapping[str, Run]) -> None:
    """Make so many changes, each during one of the faults; none of them may leave a difference.

    Raises:
        AssertionError: something was lost.
        SmokeError: the queue did not drain.
    """
    rehearsal.site.come_again_after(_VISIBLE_SECONDS)
    rehearsal.collection.put("before")
    rehearsal.check()  # the function has started, and the first fault does not meet that alone
    for number, (name, run) in enumerate(faults.items()):
        struck = run(rehearsal, changes // len(faults), f"fault {number}")
        rehearsal.check()
        assert struck > 0, f"{name} did not strike"
        rehearsal.survived[name] = struck
        rehearsal.say(f"{struck:>8} ×  {name}")


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
def _meeting(between: Proxy, fault: Callable[[Exchange], Fault | None]) -> Iterator[None]:
    between.spoiled, between.fault = 0, fault
    try:
        yield
    finally:
        between.fault = proxy.untroubled


def _killed(target: Callable[[Site], Proxy], command: str, path: str) -> Run:
    """The function's processes die right after a request, before they know of its answer."""

    def run(rehearsal: Rehearsal, count: int, folder: str) -> int:
        between, strikes = target(rehearsal.site), iter(range(_KILLS))

        def kill(exchange: Exchange) -> None:
            exchange.asked()
            rehearsal.site.kill_function()

        def at(exchange: Exchange) -> Fault | None:
            asked = exchange.command == command and path in exchange.path
            return kill if asked and next(strikes, None) is not None else None

        with _meeting(between, at):
            rehearsal.collection.put(folder)
            rehearsal.change(count - 1, folder)
            rehearsal.site.drain()
        return between.spoiled

    return run


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
    with _meeting(site.s3, lambda asked: deny if asked.path.startswith(refused) else None):
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
    "the index answers 429": _through(_index, proxy.refusing(429, b"{}"), _LONG_BURST),
    "the index answers 500": _through(_index, proxy.refusing(500, b"{}"), _LONG_BURST),
    "the index answers too late, the queue sends again": _through(_index, proxy.be_slow, burst=1),
    "the index's answer is cut off": _through(_index, proxy.cut),
    "the index does what is asked and never says so": _through(_index, proxy.lose),
    "the index accepts and shows later": _through(_index, proxy.hide, burst=50),
    "the index is killed and restarted": _restarted,
    "S3 answers 503 SlowDown": _through(_s3, proxy.refusing(503, _SLOW_DOWN), _LONG_BURST),
    "S3's answer is cut off": _through(_s3, proxy.cut),
    "the function is killed between thumbnail and upsert": _killed(_s3, "PUT", "/thumbs/"),
    "the function is killed between upsert and acknowledgement": _killed(
        _index, "POST", "/vectors/upsert"
    ),
    "events come again, late and in another order": _repeated,
    "S3 refuses some objects until that is mended": _denied,
}
