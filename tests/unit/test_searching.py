"""A query to matches."""

import numpy as np
import pytest

from image_search.errors import ImageNotFoundError, UnreadableImageError, VectorIndexBusyError
from image_search.searching import Searcher
from tests.unit.indexes import World
from tests.unit.pictures import flat
from tests.unit.records import record


def never():
    pytest.fail("a model was loaded that the query does not need")


RED, GREEN, PINK = flat("red"), flat("green"), flat((255, 60, 60))


@pytest.fixture
def world(image_encoder):
    here = World(image_encoder, red=RED, green=GREEN, pink=PINK)
    here.states("red", "green", "pink")
    return here


def searcher(world, text_encoder=never, image_encoder=never):
    return Searcher(world.images, world.vectors, text_encoder, image_encoder)


def keys(answer):
    return [match.metadata.key for match in answer.matches]


def test_words_find_the_images_nearest_to_their_vector(world, text_encoder):
    world.vectors.upsert([named := record(key="named"), opposite := record(key="opposite")])
    vector = text_encoder.embed("red")
    named.vector[:], opposite.vector[:] = vector, -vector

    answer = searcher(world, text_encoder=lambda: text_encoder).by_text("red", 5)

    assert keys(answer)[0] == "named"
    assert keys(answer)[-1] == "opposite"
    assert answer.matches[0].score == pytest.approx(1, abs=1e-5)
    assert answer.timings_ms.keys() == {"embed", "query"}


def test_an_indexed_image_is_searched_by_its_vector_and_nothing_is_read(world):
    world.images.calls.clear()

    answer = searcher(world).by_key("red", 2)

    assert keys(answer) == ["pink", "green"]
    assert world.images.calls == []
    assert answer.timings_ms.keys() == {"query"}


@pytest.mark.parametrize("top_k", [1, 2, 3])
def test_the_selected_image_is_not_its_own_match_and_takes_no_place(top_k, world):
    answer = searcher(world).by_key("red", top_k)

    assert keys(answer) == ["pink", "green"][:top_k]


def test_copies_of_the_selected_image_are_matches(world):
    for number in range(3):
        world.images.put(f"copy {number}", RED)
    world.states(*world.images.data)

    answer = searcher(world).by_key("red", 2)

    assert set(keys(answer)) < {"copy 0", "copy 1", "copy 2"}
    assert len(answer.matches) == 2
    assert answer.matches[0].score == pytest.approx(1, abs=1e-5)


def test_the_only_image_has_no_match_and_is_not_embedded(image_encoder):
    world = World(image_encoder, red=RED)
    world.states("red")

    assert keys(searcher(world).by_key("red", 5)) == []


def test_an_image_that_is_not_indexed_yet_is_embedded(world, image_encoder):
    world.images.put("new", PINK)

    answer = searcher(world, image_encoder=lambda: image_encoder).by_key("new", 3)

    assert keys(answer) == ["pink", "red", "green"]
    assert answer.timings_ms.keys() == {"embed", "query"}
    assert "new" not in world.vectors.records


def test_an_image_that_is_indexed_while_it_is_embedded_takes_no_place(world, image_encoder):
    world.images.put("new", flat((255, 90, 90)))
    world.vectors.watch = lambda operation, _: (
        world.states("new") if operation == "near_vector" else None
    )

    answer = searcher(world, image_encoder=lambda: image_encoder).by_key("new", 1)

    assert keys(answer) == ["pink"]


def test_a_key_without_an_image_is_not_found(world):
    with pytest.raises(ImageNotFoundError, match="'missing'; GET /api/images lists"):
        searcher(world).by_key("missing", 3)


def test_an_object_that_is_no_picture_cannot_be_searched_by(world, image_encoder):
    world.images.put("text", b"text")

    with pytest.raises(UnreadableImageError):
        searcher(world, image_encoder=lambda: image_encoder).by_key("text", 3)


@pytest.mark.parametrize("search", [lambda s: s.by_text("red", 1), lambda s: s.by_key("red", 1)])
def test_what_the_index_raises_is_raised(search, world, text_encoder):
    world.vectors.broken = VectorIndexBusyError("slower")

    with pytest.raises(VectorIndexBusyError):
        search(searcher(world, text_encoder=lambda: text_encoder))


def test_the_query_of_a_word_is_one_vector_of_the_index(world, text_encoder, monkeypatch):
    asked = []
    monkeypatch.setattr(
        world.vectors, "near_vector", lambda vector, top_k: asked.append((vector, top_k)) or []
    )

    searcher(world, text_encoder=lambda: text_encoder).by_text("a picture", 7)

    ((vector, top_k),) = asked
    assert np.array_equal(vector, text_encoder.embed("a picture"))
    assert top_k == 7
