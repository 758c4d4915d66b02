"""Filters are applied by the index: the adapter and the local index."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from image_search.filters import ANY, MAX_FOLDERS, Filter, folders, orientation
from tests.unit.records import record

IMAGES = {
    "a/b/old.jpg": {
        "uploaded_at": 100,
        "taken_at": 10,
        "width": 60,
        "height": 40,
        "colors": ("red", "gray"),
    },
    "a/b/c/new.png": {"uploaded_at": 200, "content_type": "image/png", "width": 40, "height": 60},
    "a/ab.gif": {"uploaded_at": 300, "content_type": "image/gif", "width": 50, "height": 50},
    "top.jpg": {
        "colors": ("blue",),
        "uploaded_at": 400,
        "taken_at": 20,
        "width": 6000,
        "height": 4000,
    },
    "ü %/ä.jpg": {"uploaded_at": 500, "width": 61, "height": 40},
}


@pytest.fixture
def filled(vectors):
    vectors.upsert([record(n, key=key, **facts) for n, (key, facts) in enumerate(IMAGES.items())])
    return vectors


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Filter(), set(IMAGES)),
        (Filter(folder="a/"), {"a/b/old.jpg", "a/b/c/new.png", "a/ab.gif"}),
        (Filter(folder="a/b/"), {"a/b/old.jpg", "a/b/c/new.png"}),
        (Filter(folder="ü %/"), {"ü %/ä.jpg"}),
        (Filter(folder="b/"), set()),
        (Filter(uploaded_after=400), {"top.jpg", "ü %/ä.jpg"}),
        (Filter(uploaded_before=200), {"a/b/old.jpg"}),
        (Filter(uploaded_after=200, uploaded_before=400), {"a/b/c/new.png", "a/ab.gif"}),
        (Filter(taken_after=0), {"a/b/old.jpg", "top.jpg"}),
        (Filter(taken_after=20), {"top.jpg"}),
        (Filter(taken_before=20), {"a/b/old.jpg"}),
        (Filter(content_type=("image/png", "image/gif")), {"a/b/c/new.png", "a/ab.gif"}),
        (Filter(orientation="landscape"), {"a/b/old.jpg", "top.jpg", "ü %/ä.jpg"}),
        (Filter(orientation="portrait"), {"a/b/c/new.png"}),
        (Filter(orientation="square"), {"a/ab.gif"}),
        (Filter(min_width=61), {"top.jpg", "ü %/ä.jpg"}),
        (Filter(min_height=60), {"a/b/c/new.png", "top.jpg"}),
        (Filter(color=("gray",)), {"a/b/old.jpg"}),
        (Filter(color=("red", "blue")), {"a/b/old.jpg", "top.jpg"}),
        (Filter(color=("white",)), set()),
        (Filter(name="new.PNG"), {"a/b/c/new.png"}),
        (Filter(name="Top"), {"top.jpg"}),
        (Filter(name="ä"), {"ü %/ä.jpg"}),
        (Filter(name="to"), set()),
        (Filter(name="jpg", folder="a/"), {"a/b/old.jpg"}),
        (Filter(folder="a/", orientation="square", min_width=51), set()),
    ],
)
def test_only_wanted_images_are_found(wanted, found, filled):
    matches = filled.near_vector(record().vector, 10, wanted)

    assert {match.metadata.key for match in matches} == found


def test_a_filter_leaves_no_place_empty(filled):
    (match,) = filled.near_vector(record().vector, 1, Filter(folder="ü %/"))

    assert match.metadata.key == "ü %/ä.jpg"


def test_excluded_keys_are_no_matches(filled):
    found = filled.near_vector(record().vector, 10, Filter(folder="a/"), without=("a/ab.gif",))

    assert {match.metadata.key for match in found} == {"a/b/old.jpg", "a/b/c/new.png"}


def test_the_neighbours_of_a_key_pass_the_filter_and_itself_comes_too(filled):
    found = filled.near_key("top.jpg", 10, Filter(folder="a/b/"))

    assert found[0].metadata.key == "top.jpg"
    assert {match.metadata.key for match in found[1:]} == {"a/b/old.jpg", "a/b/c/new.png"}


def test_without_conditions_there_is_no_filter():
    assert ANY.expression() is None


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("a.jpg", []),
        ("a/b.jpg", ["a/"]),
        ("a/b/c.jpg", ["a/", "a/b/"]),
        ("/a.jpg", ["/"]),
        ("a//b", ["a/", "a//"]),
        ("a/", ["a/"]),
    ],
)
def test_a_key_is_in_the_folders_above_it(key, expected):
    assert folders(key) == expected


@given(st.text(alphabet="a/", max_size=100))
def test_every_folder_of_a_key_is_a_prefix_of_it(key):
    found = folders(key)

    assert all(key.startswith(folder) and folder.endswith("/") for folder in found)
    assert len(found) == min(key.count("/"), MAX_FOLDERS)


def test_no_more_folders_are_stored_than_fit_a_record():
    assert folders("a/" * 100 + "b.jpg") == ["a/" * depth for depth in range(1, MAX_FOLDERS + 1)]


def test_the_folders_of_the_longest_key_fit_a_record(vectors):
    key = "/".join("x" * 63 for _ in range(16))

    vectors.upsert([record(key=key)])

    assert len(vectors.near_vector(record().vector, 1, Filter(folder=folders(key)[-1]))) == 1


@pytest.mark.parametrize(
    ("size", "expected"), [((3, 2), "landscape"), ((2, 3), "portrait"), ((2, 2), "square")]
)
def test_the_orientation_is_that_of_the_longer_side(size, expected):
    assert orientation(*size) == expected
