"""The faults, one after the other, each while a collection changes."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

import boto3

from deploy.doctor import place_file, summary
from image_search.thumbnails import thumbnail_key
from image_search.uploads_queue import event
from local.stack import NAME
from local.user import until
from tests.faults import proxy
from tests.faults.collection import Collection
from tests.faults.proxy import Exchange, Fault, Proxy
from tests.faults.site import Site
from tests.stack.commands import run, start

# A fault meets so many requests at once, and then one in so many. A message is tried five times.
_BURST, _ONE_IN = 4, 20
# Of errors that clients try again up to four times by themselves: batches fail too.
_LONG_BURST = 14
_DOWN_SECONDS = 1.0
# The visibility timeout, in place of six minutes.
_VISIBLE_SECONDS = 2
_SLOW_DOWN = b"<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>"
_DENIED = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
_DENIED_FOLDER = "denied"
# Keys that are replaced all the time while several functions have them.
_CONTESTED = 5
# Events that wait at the most meanwhile: what never rests is dead after five tries, and rightly.
_WAITING = 20
# How long one of them holds a thumbnail, in seconds, so that another meets it.
_HELD_SECONDS = 0.02


@dataclass
class Rehearsal:
    """A site with a collection that changes while faults are injected."""

    site: Site
    collection: Collection
    random: random.Random
    late: int
    """Events that come twice come up to so many seconds later."""
    say: Callable[[str], None] = lambda _: None
    survived: dict[str, int] = field(default_factory=dict)
    """How often each fault struck."""
    checked: int = 0
    """Images that were compared with their records after all faults together."""

    def change(self, count: int, folder: str) -> list[str]:
        """Make changes; returns their keys."""
        return [self.collection.change(folder) for _ in range(count)]

    def send_again(self, key: str, delay: int = 0) -> None:
        """Send an event of a key once more, some seconds late."""
        boto3.client("sqs").send_message(
            QueueUrl=self.site.queue, MessageBody=event(key), DelaySeconds=delay
        )

    def check(self) -> None:
        """Nothing differs, and no event is dead."""
        self.site.drain()
        report, dead = self.site.examined(), self.site.dead()
        assert report.discrepancies == 0, "\n".join(summary(report, ()))
        assert dead == [], f"dead: {dead}"
        images, keys = len(self.collection.images), len(self.collection.keys)
        seen = (report.seen["images"], report.seen["records"], self.site.thumbnails())
        assert seen == (keys, images, images)
        self.checked += keys


Run = Callable[[Rehearsal, int, str], int]
"""Injects a fault while so many changes are made in a folder; returns how often it struck."""
Choice = Callable[[Exchange], Fault | None]
"""Chooses the fault for a request, if any."""


def rehearse(rehearsal: Rehearsal, changes: int, faults: Mapping[str, Run]) -> None:
    """Make so many changes during each of the faults; none of them may leave a difference.

    Raises:
        AssertionError: something was lost.
        TimeoutError: the queue did not drain.
    """
    rehearsal.site.set_visibility_timeout(_VISIBLE_SECONDS)
    rehearsal.collection.put("before")
    rehearsal.check()  # the function has started, and the first fault does not meet that alone
    for number, (name, inject) in enumerate(faults.items()):
        began = time.monotonic()
        struck = inject(rehearsal, changes, f"fault {number}")
        rehearsal.check()
        assert struck > 0, f"{name} did not strike"
        rehearsal.survived[name] = struck
        rehearsal.say(f"{struck:>8} × {time.monotonic() - began:5.0f} s  {name}")


def _through(target: Callable[[Site], Proxy], chosen: Callable[[Rehearsal], Choice]) -> Run:
    """A fault between the index function and another service."""

    def inject(rehearsal: Rehearsal, count: int, folder: str) -> int:
        between = target(rehearsal.site)
        with _meeting(between, chosen(rehearsal)):
            rehearsal.change(count, folder)
            rehearsal.site.drain()
        return between.spoiled

    return inject


@contextmanager
def _meeting(between: Proxy, choice: Choice) -> Iterator[None]:
    between.spoiled, between.fault = 0, choice
    try:
        yield
    finally:
        between.fault = proxy.untroubled


def _sometimes(fault: Fault, burst: int = _BURST) -> Callable[[Rehearsal], Choice]:
    """Strikes the first requests and then one in some."""

    def chosen(rehearsal: Rehearsal) -> Choice:
        strikes = _strikes(rehearsal.random, burst)
        return lambda _: fault if next(strikes) else None

    return chosen


def _strikes(chance: random.Random, burst: int, one_in: int = _ONE_IN) -> Iterator[bool]:
    yield from [True] * burst
    while True:
        yield chance.randrange(one_in) == 0


def _killed(command: str, path: str, one_in: int) -> Callable[[Rehearsal], Choice]:
    """The function's processes die right after a request, before they know of its answer.

    Seldom enough: a batch that dies five times is dead.
    """

    def chosen(rehearsal: Rehearsal) -> Choice:
        strikes = _strikes(rehearsal.random, burst=2, one_in=one_in)

        def kill(exchange: Exchange) -> None:
            exchange.asked()
            rehearsal.site.kill_function()

        return lambda asked: kill if _is(asked, command, path) and next(strikes) else None

    return chosen


def _is(asked: Exchange, command: str, path: str) -> bool:
    return asked.command == command and path in asked.path


def _fresh(rehearsal: Rehearsal) -> Choice:
    """The first look at an object, and the first read, find nothing."""
    seen: set[tuple[str, str]] = set()
    objects = f"/{rehearsal.collection.bucket}/fault"
    nothing = proxy.refusing(404, b"")

    def choice(asked: Exchange) -> Fault | None:
        request = (asked.command, asked.path)
        if request in seen or not asked.path.startswith(objects) or "?" in asked.path:
            return None
        seen.add(request)
        return nothing

    return choice


def _replaced(rehearsal: Rehearsal) -> Choice:
    """An object is replaced after it was read, when its thumbnail is written."""
    strikes = _strikes(rehearsal.random, _BURST)

    def replace(exchange: Exchange) -> None:
        collection = rehearsal.collection
        names = {thumbnail_key(key): key for key in collection.keys}
        key = next((key for name, key in names.items() if name in exchange.path), "")
        collection.replace(key)
        proxy.pass_on(exchange)

    return lambda asked: replace if _is(asked, "PUT", "/thumbs/") and next(strikes) else None


def _contested(rehearsal: Rehearsal, count: int, folder: str) -> int:
    """A few objects are replaced all the time, and both functions have them at the same time."""
    keys = [rehearsal.collection.put(folder) for _ in range(_CONTESTED)]
    held, met, lock = Counter[str](), Counter[str](), Lock()

    def hold(exchange: Exchange) -> None:
        with lock:
            held[exchange.path] += 1
            met[exchange.path] += held[exchange.path] > 1
        time.sleep(_HELD_SECONDS)  # the fault itself
        proxy.pass_on(exchange)
        with lock:
            held[exchange.path] -= 1

    with _meeting(rehearsal.site.s3, lambda a: hold if _is(a, "PUT", "/thumbs/") else None):
        for number in range(count):
            key = keys[number % _CONTESTED]
            rehearsal.collection.replace(key)
            rehearsal.send_again(key)
            until(lambda: rehearsal.site.waiting() < _WAITING, "the queue only grows")
        rehearsal.site.drain()
    return met.total()


def _repeated(rehearsal: Rehearsal, count: int, folder: str) -> int:
    """Every event comes again, some several times, later and in another order."""
    again = [key for key in rehearsal.change(count, folder) for _ in range(3)]
    rehearsal.random.shuffle(again)
    for key in again:
        rehearsal.send_again(key, rehearsal.random.randint(0, rehearsal.late))
    return len(again)


def _index_restarted(rehearsal: Rehearsal, count: int, folder: str) -> int:
    rehearsal.change(count // 2, folder)
    rehearsal.site.kill_index()
    rehearsal.change(count - count // 2, folder)
    time.sleep(_DOWN_SECONDS)  # the fault itself
    rehearsal.site.start_index()
    return 1


def _emulator_restarted(rehearsal: Rehearsal, count: int, folder: str) -> int:
    rehearsal.change(count // 2, folder)
    rehearsal.site.restart_emulator()
    rehearsal.change(count - count // 2, folder)
    return 1


def _without_events(rehearsal: Rehearsal, count: int, folder: str) -> int:
    """No event comes at all; what brings the objects back is killed, and run again."""
    with rehearsal.site.no_events():
        rehearsal.change(count, folder)
    lost = rehearsal.site.examined().discrepancies
    first, kept = start("doctor", "--fix"), place_file(NAME)
    until(lambda: kept.exists() or first.poll() is not None, "nothing is queued")
    first.kill()
    first.communicate()
    assert run("doctor", "--fix").returncode == 0
    assert not kept.exists()
    return lost


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
    "the index answers 429": _through(_index, _sometimes(proxy.refusing(429, b"{}"), _LONG_BURST)),
    "the index answers 500": _through(_index, _sometimes(proxy.refusing(500, b"{}"), _LONG_BURST)),
    "the index answers too late, the queue sends again": _through(
        _index, _sometimes(proxy.be_slow, burst=1)
    ),
    "the index's answer is cut off": _through(_index, _sometimes(proxy.cut)),
    "the index does what is asked and never says so": _through(_index, _sometimes(proxy.lose)),
    "the index accepts and shows later": _through(_index, _sometimes(proxy.hide, burst=50)),
    "the index is killed and restarted": _index_restarted,
    "S3 answers 503 SlowDown": _through(
        _s3, _sometimes(proxy.refusing(503, _SLOW_DOWN), _LONG_BURST)
    ),
    "S3's answer is cut off": _through(_s3, _sometimes(proxy.cut)),
    "S3 answers 404 for a fresh object": _through(_s3, _fresh),
    "an object is replaced between read and upsert": _through(_s3, _replaced),
    "two functions have one object": _contested,
    "the function is killed in the middle of a batch": _through(
        _s3, _killed("PUT", "/thumbs/", one_in=300)
    ),
    "the function is killed between upsert and acknowledgement": _through(
        _index, _killed("POST", "/vectors/upsert", one_in=30)
    ),
    "events come again, late and in another order": _repeated,
    "no event comes, and the repair is killed": _without_events,
    "the emulator is stopped and restarted": _emulator_restarted,
    "S3 refuses some objects until that is repaired": _denied,
}
