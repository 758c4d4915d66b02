"""Run a function as Lambda does, and write down when some of its Python functions begin and end.

    python3.13 bench/spans.py FILE FUNCTION...

A FUNCTION is MODULE.py:QUALIFIED_NAME. FILE gets a line of JSON for each call that ends: what was
called, whether by the main thread, begin and end in nanoseconds of the monotonic clock. What nobody
asked for costs nothing after its first call.
"""

# mypy: disable-error-code="attr-defined, unused-ignore"
# (sys.monitoring is newer than the oldest Python that this project runs on.)

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from threading import current_thread, main_thread
from types import CodeType

_INTERPRETER_BEGAN = time.monotonic_ns()


class Spans:
    """The calls of some functions."""

    def __init__(self, path: str, names: list[str]) -> None:
        """Begin to look."""
        self._file = open(path, "a", buffering=1)  # noqa: SIM115 (until the process ends)
        self._names = set(names)
        self._running: dict[tuple[CodeType, object], list[int]] = defaultdict(list)
        watch, tool = sys.monitoring, sys.monitoring.PROFILER_ID
        watch.use_tool_id(tool, "spans")
        watch.register_callback(tool, watch.events.PY_START, self._begin)
        watch.register_callback(tool, watch.events.PY_RETURN, self._end)
        watch.set_events(tool, watch.events.PY_START | watch.events.PY_RETURN)

    def write(self, name: str, begin: int, end: int) -> None:
        """Write down one call of this thread."""
        main = current_thread() is main_thread()
        self._file.write(json.dumps([name, main, begin, end]) + "\n")

    def _begin(self, code: CodeType, _offset: int) -> object:
        if _name(code) not in self._names:
            return sys.monitoring.DISABLE
        self._running[code, current_thread()].append(time.monotonic_ns())
        return None

    def _end(self, code: CodeType, _offset: int, _value: object) -> object:
        if _name(code) not in self._names:
            return sys.monitoring.DISABLE
        self.write(_name(code), self._running[code, current_thread()].pop(), time.monotonic_ns())
        return None


def _name(code: CodeType) -> str:
    return f"{code.co_filename.rpartition('/')[2]}:{code.co_qualname}"


if __name__ == "__main__":
    spans = Spans(sys.argv[1], sys.argv[2:])
    spans.write("interpreter", _INTERPRETER_BEGAN, _INTERPRETER_BEGAN)
    from awslambdaric.__main__ import main

    main([sys.argv[0], "app.handler"])
