"""A score means something else for each model, and for words and for images."""

from dataclasses import replace

import pytest

from image_search.bundle import ScoreRange, Scores
from image_search.query import Inline, Stored, Words
from image_search.scores import range_of, strength

WORDS = ScoreRange(best=0.34, typical=0.3, certain=0.25, unrelated=0.2)
IMAGES = ScoreRange(best=0.9, typical=0.8, certain=0.65, unrelated=0.5)
SCORES = Scores(words=WORDS, images=IMAGES)


@pytest.mark.parametrize(
    ("score", "expected"), [(0.1, 0), (0.2, 0), (0.27, 0.5), (0.34, 1), (0.9, 1), (-1, 0)]
)
def test_strength_is_the_place_of_a_score_in_its_range(score, expected):
    assert strength(score, WORDS) == pytest.approx(expected)


def test_a_range_without_width_still_separates_high_from_low_scores():
    flat = replace(WORDS, best=0.2)

    assert strength(0.1, flat) == 0
    assert strength(0.3, flat) == 1


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ([Words("a")], WORDS),
        ([Words("a"), Words("b", -1)], WORDS),
        ([Words("a"), Stored("k", -1)], WORDS),
        ([Stored("k")], IMAGES),
        ([Inline(b"")], IMAGES),
        ([Words("a"), Stored("k")], IMAGES),
    ],
)
def test_a_query_has_the_range_of_words_unless_an_image_is_searched_for(terms, expected):
    assert range_of(terms, SCORES) is expected


def test_every_match_of_the_api_has_a_strength(api):
    answer = api.get("/api/search", text="red").body

    assert answer["scores"]["certain"] == 0.4
    for match in answer["matches"]:
        expected = min(1, max(0, (match["score"] - 0.2) / 0.6))
        assert match["strength"] == pytest.approx(expected, abs=2e-3)
