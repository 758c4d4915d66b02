"""Index functions that run at the same time, one operation of one of them at a time."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from threading import Semaphore, Thread

from image_search.errors import VectorIndexError
from image_search.index_writer import Outcome
from image_search.indexing import Indexer
from tests.unit.indexes import World


class Killed(BaseException):
    """The process ends here; no handler of the code sees it."""


class Invocation:
    """One run of the index function, which waits before each operation for the signal to go on."""

    def __init__(self, world: World, keys: Iterable[str]) -> None:
        self.outcomes: dict[str, Outcome] | None = None
        """Set when it ended well."""
        self.ended = False
        self._fault: BaseException | None = None
        self._go, self._waiting = Semaphore(0), Semaphore(0)
        # Copies see the same objects and records, and each its own `watch`.
        parts = [copy.copy(part) for part in (world.images, world.thumbnails, world.vectors)]
        for part in parts:
            part.watch = self._watch
        self._thread = Thread(target=self._run, args=(Indexer(*parts, world.indexer.encoder), keys))
        self._thread.start()
        self._waiting.acquire()

    def step(self, fault: BaseException | None = None) -> None:
        """Let it do its next operation, or fail at it."""
        self._fault = fault
        self._go.release()
        self._waiting.acquire()

    def fail(self) -> None:
        """Its next operation is refused."""
        self.step(VectorIndexError("refused"))

    def kill(self) -> None:
        """It does nothing any more."""
        while not self.ended:
            self.step(Killed())
        self._thread.join()

    def finish(self) -> None:
        """Let it do all that is left."""
        while not self.ended:
            self.step()
        self._thread.join()

    def _run(self, indexer: Indexer, keys: Iterable[str]) -> None:
        try:
            self.outcomes = indexer.reconcile(keys)
        except (Killed, VectorIndexError):
            pass
        finally:
            self.ended = True
            self._waiting.release()

    def _watch(self, *_: str) -> None:
        self._waiting.release()
        self._go.acquire()
        if self._fault:
            raise self._fault
