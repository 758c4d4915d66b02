"""Finds the words of a text that a tokenizer breaks into pieces, or has no token for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from tokenizers import Encoding


def broken_words(encoding: Encoding, text: str, unknown: str) -> tuple[str, ...]:
    """The distinct words of a text that became several tokens, or the `unknown` one."""
    spans: list[tuple[int, int]] = []
    for start, end in _broken(encoding, unknown):
        joined = bool(spans) and spans[-1][1] == start  # Chinese: each character is a word
        spans[-1:] = [(spans[-1][0], end)] if joined else [*spans[-1:], (start, end)]
    return tuple(dict.fromkeys(text[start:end] for start, end in spans))


def _broken(encoding: Encoding, unknown: str) -> Iterator[tuple[int, int]]:
    """The positions in the text where these words begin and end."""
    tokens = zip(encoding.word_ids, encoding.tokens, encoding.offsets, strict=True)
    for number, group in groupby(tokens, key=lambda token: token[0]):
        word = list(group)
        if number is not None and (len(word) > 1 or word[0][1] == unknown):
            yield word[0][2][0], word[-1][2][1]
