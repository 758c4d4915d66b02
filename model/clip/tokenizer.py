"""CLIP's tokenizer as one file of data: normaliser, byte pairs, start and end.

OpenAI's tokenizer first repairs a text with ftfy, unescapes HTML twice, joins whitespace and lowers
the case: https://github.com/openai/CLIP/blob/main/clip/simple_tokenizer.py. The same steps are
normalisers of the tokenizer's file here, so that whoever loads it reads texts as the training did:
entities that people meet, terminal escapes, control characters, ligatures, full-width letters,
curly quotes, NFC. Text that was decoded with the wrong encoding is not repaired.

What a user types is text: `<|endoftext|>` has no meaning in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from html.entities import name2codepoint
from unicodedata import normalize

from tokenizers import (
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
)

from ..errors import ModelError

START, END = "<|startoftext|>", "<|endoftext|>"
_WORD_END = "</w>"
# Each match is tokenised by itself: contractions, letters, a digit, everything else.
_WORDS = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
# Named entities of Latin letters, and those of these characters also by number.
_NUMBERED = "\"&'<>\u00a0–—‘’“”…"
# ftfy's, https://github.com/rspeer/python-ftfy/blob/main/ftfy/chardata.py
_LIGATURES = {
    **dict(zip("ﬀﬁﬂﬃﬄﬅﬆ", ("ff", "fi", "fl", "ffi", "ffl", "ſt", "st"), strict=True)),
    **{"Ĳ": "IJ", "ĳ": "ij", "ŉ": "ʼn", "Ǳ": "DZ", "ǲ": "Dz", "ǳ": "dz", "Ǆ": "DŽ", "ǅ": "Dž"},
    **{"ǆ": "dž", "Ǉ": "LJ", "ǈ": "Lj", "ǉ": "lj", "Ǌ": "NJ", "ǋ": "Nj", "ǌ": "nj"},
}
_WIDE_AND_HALF = range(0xFF01, 0xFFA0)
_UNESCAPED = 3  # times, by ftfy once and by the tokenizer twice


def clip_tokenizer(published: str, context: int) -> Tokenizer:
    """CLIP's tokenizer for texts of at most `context` tokens, from a published `tokenizer.json`.

    Only its vocabulary and its merges are used.

    Raises:
        ModelError: it is not a byte pair tokenizer with CLIP's start and end.
    """
    try:
        model = json.loads(published)["model"]
        vocabulary, merges = model["vocab"], model["merges"]
        ends = [(START, vocabulary[START]), (END, vocabulary[END])]
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"the tokenizer.json is not CLIP's: {error!r}") from error
    pairs = [tuple(pair.split(" ") if isinstance(pair, str) else pair) for pair in merges]
    tokenizer = Tokenizer(models.BPE(vocabulary, pairs, end_of_word_suffix=_WORD_END))
    tokenizer.normalizer = normalizers.Sequence(list(_normalizers()))
    words = pre_tokenizers.Split(Regex(_WORDS), "removed", invert=True)
    bytes_ = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([words, bytes_])
    tokenizer.post_processor = processors.TemplateProcessing(f"{START} $A {END}", None, ends)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.enable_truncation(context)
    return tokenizer


def serialised(tokenizer: Tokenizer) -> str:
    """Return its `tokenizer.json`; merges as "a b" load a third faster than as ["a", "b"]."""
    content = json.loads(tokenizer.to_str())
    content["model"]["merges"] = [" ".join(pair) for pair in content["model"]["merges"]]
    return json.dumps(content, ensure_ascii=False)


def _normalizers() -> Iterator[normalizers.Normalizer]:
    """The steps of the module's docstring, in order."""
    for _ in range(_UNESCAPED - 1):
        yield normalizers.Replace("&amp;", "&")
    yield from _replacements(dict(_entities()))
    yield normalizers.Replace(Regex(r"\x1b\[[\d;]*[a-zA-Z]"), "")
    yield normalizers.Replace(
        Regex(r"[\x00-\x08\x0b\x0e-\x1f\x7f\x{206a}-\x{206f}\x{feff}\x{fff9}-\x{fffb}]"), ""
    )
    yield from _replacements(_LIGATURES | dict(_widths()))
    yield normalizers.Replace(Regex(r"[ʼ‘-‛]"), "'")
    yield normalizers.Replace(Regex(r"[“-‟]"), '"')
    yield normalizers.NFC()
    yield normalizers.Replace(Regex(r"\s+"), " ")
    yield normalizers.Strip()
    yield normalizers.Replace(Regex(r"(?<=\p{L})Σ(?!\p{L})"), "ς")  # lower case at a word's end
    yield normalizers.Lowercase()


def _replacements(table: dict[str, str]) -> Iterator[normalizers.Normalizer]:
    return (normalizers.Replace(theirs, ours) for theirs, ours in table.items())


def _entities() -> Iterator[tuple[str, str]]:
    for name, number in name2codepoint.items():
        if chr(number) in _NUMBERED + "€™•" or 0xC0 <= number <= 0xFF:
            yield f"&{name};", chr(number)
    for character in _NUMBERED:
        for digits in (f"{ord(character)}", f"x{ord(character):x}", f"0{ord(character)}"):
            yield f"&#{digits};", character
    yield from (("&apos;", "'"), ("&#0;", "\ufffd"))


def _widths() -> Iterator[tuple[str, str]]:
    for number in _WIDE_AND_HALF:
        if (plain := normalize("NFKC", chr(number))) != chr(number):
            yield chr(number), plain
    yield "\u3000", " "
