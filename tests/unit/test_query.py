"""The sum of terms as one vector."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from image_search.decoding import Crop
from image_search.errors import TermsCancelError
from image_search.query import Inline, Query, Stored, Words, combine

AXES = np.eye(4, dtype=np.float32)


def test_one_term_is_its_own_vector():
    assert np.array_equal(combine([AXES[1]], [Words("a")]), AXES[1])


def test_terms_are_added_by_weight_and_scaled_to_length_1():
    terms = [Words("a", 3), Stored("b", 4)]

    assert combine(AXES[:2], terms) == pytest.approx([0.6, 0.8, 0, 0])


def test_a_negative_term_leads_away():
    assert combine(AXES[:2], [Words("a"), Words("b", -1)])[1] < 0


weights = st.floats(-10, 10).filter(lambda weight: abs(weight) > 0.01)


@given(st.lists(weights, min_size=1, max_size=4), weights)
def test_the_sum_is_a_float32_unit_vector_and_only_proportions_count(given_weights, factor):
    terms = [Words("a", weight) for weight in given_weights]
    scaled = [Words("a", weight * abs(factor)) for weight in given_weights]

    vector = combine(AXES[: len(terms)], terms)

    assert vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-6)
    assert combine(AXES[: len(terms)], scaled) == pytest.approx(vector, abs=1e-5)


@pytest.mark.parametrize("weights", [(1, -1), (0.5, -0.5), (10, -10.000001)])
def test_terms_that_cancel_out_have_no_vector(weights):
    terms = [Words("a", weight) for weight in weights]

    with pytest.raises(TermsCancelError, match="change a weight or leave a term out"):
        combine([AXES[0], AXES[0]], terms)


def test_the_selected_keys_are_those_of_stored_images():
    query = Query((Words("a"), Stored("b"), Inline(b""), Stored("c", -1, Crop(0, 0, 1, 0.5))))

    assert query.keys == ("b", "c")


@pytest.mark.parametrize("weight", [1e-6, 10])
def test_terms_of_any_weight_have_a_vector_unless_they_cancel_out(weight):
    terms = [Words("a", weight), Words("b", weight)]

    assert combine(AXES[:2], terms) == pytest.approx([0.5**0.5, 0.5**0.5, 0, 0])
