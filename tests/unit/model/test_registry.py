"""The registry names every model completely, and files that cannot change."""

import re

import pytest
from pydantic import ValidationError

from model.registry import Entry, UnknownModelError, entries, entry

FILES = [
    (name, role, getattr(model, role))
    for name, model in entries().items()
    for role in ("vision", "text", "tokenizer")
]


@pytest.mark.parametrize(("name", "role", "file"), FILES, ids=lambda value: str(value)[:30])
def test_every_file_is_pinned_by_commit_and_checksum(name, role, file):
    assert re.fullmatch("[0-9a-f]{40}", file.revision)
    assert re.fullmatch("[0-9a-f]{64}", file.sha256)


def test_an_unknown_model_is_told_with_those_there_are():
    with pytest.raises(UnknownModelError, match="'nope'; there are offline, clip-vit-b32, "):
        entry("nope")


def test_a_misspelt_field_is_refused_by_its_name():
    fields = entry("clip-vit-b32").model_dump() | {"dimensions": 512}

    with pytest.raises(ValidationError, match="dimensions"):
        Entry.model_validate(fields)
