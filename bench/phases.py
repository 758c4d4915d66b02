"""Where the time of a cold start went, from the calls that `bench.spans` wrote down."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

# What is watched, and the phase that its time counts for, less that of what it calls.
PHASES = {
    "app.py:<module>": "imports",
    "services.py:Services.from_settings": "clients",
    "bundle.py:load": "weights",
    "bundle.py:Bundle.read": "weights",
    "encoder.py:_tokenizer": "tokenizer",
    "encoder.py:_session": "session",
    "encoder.py:ImageEncoder.__init__": "self-test",
    "encoder.py:TextEncoder.__init__": "self-test",
}
INTERPRETER = "interpreter"
_FUNCTION = "app.py:<module>"


class Span(NamedTuple):
    """One call, in nanoseconds of the monotonic clock."""

    name: str
    main_thread: bool
    begin: int
    end: int


def phases(start: int, spans: Iterable[Span]) -> dict[str, float]:
    """Milliseconds of the main thread by phase, from the start of the process."""
    main = [span for span in spans if span.main_thread]
    begins = {span.name: span.begin for span in main}
    total = defaultdict(
        float,
        interpreter=milliseconds(start, begins[INTERPRETER]),
        runtime=milliseconds(begins[INTERPRETER], begins[_FUNCTION]),
    )
    for span in main:
        if span.name in PHASES:
            total[PHASES[span.name]] += _own(span, main)
    return total


def milliseconds(begin: int, end: int) -> float:
    """Between two moments of the monotonic clock."""
    return (end - begin) / 1e6


def _own(span: Span, spans: Sequence[Span]) -> float:
    """The time of a call less that of the calls directly within it."""
    inside = [other for other in spans if other != span and _within(other, span)]
    direct = [one for one in inside if not any(_within(one, other) for other in inside)]
    return milliseconds(span.begin, span.end) - sum(
        milliseconds(one.begin, one.end) for one in direct
    )


def _within(one: Span, other: Span) -> bool:
    return one != other and other.begin <= one.begin and one.end <= other.end
