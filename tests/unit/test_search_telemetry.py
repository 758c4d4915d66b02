"""The metrics and the log of the search function."""

import json

import pytest

from image_search.errors import VectorIndexError


@pytest.fixture(autouse=True)
def named(monkeypatch):
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "stack-search")


def logged(output):
    """The metrics of the last request, by name."""
    lines = [json.loads(line) for line in output.splitlines() if '"_aws"' in line]
    return {
        metric["Name"]: lines[-1][metric["Name"]]
        for metric in lines[-1]["_aws"]["CloudWatchMetrics"][0]["Metrics"]
    }


def test_the_stages_of_a_search_are_metrics(api, capsys):
    api.get("/api/search", key="new")

    assert logged(capsys.readouterr().out).keys() == {"ReadMs", "DecodeMs", "EmbedMs", "QueryMs"}


def test_an_index_that_does_not_answer_is_counted_and_logged(api, capsys, caplog):
    api.world.vectors.broken = VectorIndexError("connection refused")

    api.get("/api/search", text="red")

    assert logged(capsys.readouterr().out)["PineconeErrors"] == [1.0]
    assert "connection refused" in caplog.records[-1].error
