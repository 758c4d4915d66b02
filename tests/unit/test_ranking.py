"""The order of matches, and going on after one of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from image_search.ranking import Position, Ranked, complete, following, ordered

A, B, C, D = (Ranked(id_, score) for id_, score in (("a", 0.9), ("b", 0.5), ("c", 0.5), ("d", 0.1)))
found = st.lists(
    st.builds(Ranked, st.text("abcdef", min_size=3, max_size=3), st.sampled_from([0.1, 0.2, -0.3])),
    unique_by=lambda match: match.id,
)


def after(last):
    return Position(last, 1, 1.0)


def test_matches_are_ordered_by_score_and_then_by_id():
    assert ordered([D, C, A, B]) == [A, B, C, D]


def test_scores_that_differ_by_rounding_are_equal():
    assert ordered([Ranked("c", 0.5000001), Ranked("b", 0.5)])[0].id == "b"


def test_equals_of_the_last_match_may_be_missing_if_as_many_were_found_as_were_asked_for():
    assert complete([A, C], 2) == [A]
    assert complete([A, C], 3) == [A, C]


@pytest.mark.parametrize("present", [[A, B, C, D], [A, C, D], [C, D]])
def test_the_next_page_begins_after_the_last_match_even_if_that_is_gone(present):
    assert following(present, after(B)) == [C, D]


def test_a_match_that_moved_is_not_shown_again():
    assert following([A, Ranked("b", 0.2), D], after(B)) == [D]


@given(found, st.integers(1, 5))
def test_pages_of_any_matches_are_the_whole_order(found, size):
    shown, position = [], None
    while page := following(found, position)[:size]:
        shown += page
        position = after(page[-1])

    assert shown == ordered(found)
