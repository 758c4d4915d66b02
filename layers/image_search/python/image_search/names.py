"""Splits file names into the parts by which images can be found."""

from __future__ import annotations

import re
from unicodedata import normalize

# Runs of letters and of digits, so that IMG_2041, IMG2041 and img-2041 have the same parts.
_PART = re.compile(r"[^\W\d_]+|\d+")
# A part takes a few of a record's 40 kB; a longer name is found by its first parts.
MAX_PARTS = 32


def name_parts(key: str) -> list[str]:
    """The distinct parts of a key's file name, in lower case.

    Pinecone compares whole values only, so a name is found by whole parts: `2041` finds
    `IMG_2041.jpg`, and `204` does not.
    """
    name = normalize("NFKC", key.rsplit("/", 1)[-1]).casefold()
    return list(dict.fromkeys(_PART.findall(name)))[:MAX_PARTS]
