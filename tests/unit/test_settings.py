"""The environment as one checked object."""

import pytest
from msgspec import ValidationError

from image_search.settings import Settings

VARIABLES = {
    "IMAGES_BUCKET": "images",
    "THUMBNAILS_BUCKET": "thumbnails",
    "MODEL_BUCKET": "models",
    "BUNDLE": "tiny-fp32-00000000",
    "INDEX_HOST": "https://index.example",
    "PINECONE_SECRET": "secret",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.delenv("WRITES", raising=False)
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)


def test_every_variable_arrives_in_the_field_of_its_name():
    got = Settings.from_environment()

    assert {name: getattr(got, name.lower()) for name in VARIABLES} == VARIABLES
    assert got.writes == "off"


@pytest.mark.parametrize("name", VARIABLES)
def test_a_missing_variable_is_named(name, monkeypatch):
    monkeypatch.delenv(name)

    with pytest.raises(ValidationError, match=rf"(?i)missing required field `{name}`"):
        Settings.from_environment()


def test_a_wrong_variable_is_named(monkeypatch):
    monkeypatch.setenv("WRITES", "sometimes")

    with pytest.raises(ValidationError, match=r"'sometimes' - at `\$.writes`"):
        Settings.from_environment()


@pytest.mark.parametrize(
    ("memory", "threads"),
    [("128", 1), ("1769", 1), ("3537", 1), ("3538", 2), ("10240", 5), (None, 1)],
)
def test_threads_are_the_whole_processors_that_the_memory_gives(memory, threads, monkeypatch):
    if memory:
        monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", memory)

    assert Settings.from_environment().threads == threads
