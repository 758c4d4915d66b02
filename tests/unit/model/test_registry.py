"""The registry names every model completely, and files that cannot change."""

import pytest
from pydantic import ValidationError

from model.registry import Entry, UnknownModelError, entries, entry

CHANGES = [
    ({"dimensions": 512}, "dimensions"),
    ({"checkpoint": {"revision": "main"}}, r"checkpoint\.revision"),
    ({"checkpoint": {"sha256": "abc"}}, r"checkpoint\.sha256"),
    ({"vision": {"activation": "relu"}}, r"vision\.activation"),
]


@pytest.mark.parametrize(("change", "named"), CHANGES)
def test_a_wrong_or_misspelt_field_is_refused_by_its_name(change, named):
    fields = entry("clip-vit-b32").model_dump()
    for name, value in change.items():
        fields[name] = {**fields[name], **value} if isinstance(value, dict) else value

    with pytest.raises(ValidationError, match=named):
        Entry.model_validate(fields)


def test_an_unknown_model_is_reported_with_those_there_are():
    with pytest.raises(UnknownModelError, match="'nope'; there are offline, clip-vit-b32, "):
        entry("nope")


@pytest.mark.parametrize("name", entries())
def test_every_model_has_a_licence_that_allows_to_serve_it(name):
    assert entry(name).licence in {"MIT", "Apache-2.0"}
