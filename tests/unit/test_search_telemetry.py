"""The metrics and the log of the search function."""

import pytest

from image_search.errors import VectorIndexError
from tests.unit.lambdas import metrics


@pytest.fixture(autouse=True)
def named(monkeypatch):
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "stack-search")


def test_the_stages_of_a_search_are_metrics(api, capsys):
    api.get("/api/search", key="new")

    stages = metrics(capsys.readouterr().out).keys() - {"ColdStart"}
    assert stages == {"ReadMs", "DecodeMs", "EmbedMs", "QueryMs"}


def test_an_index_that_does_not_answer_is_counted_and_logged(api, capsys, caplog):
    api.world.vectors.broken = VectorIndexError("connection refused")

    api.get("/api/search", text="red")

    assert metrics(capsys.readouterr().out)["PineconeErrors"] == [1.0]
    assert "connection refused" in caplog.records[-1].error
