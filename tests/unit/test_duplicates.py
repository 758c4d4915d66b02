"""Groups of images that look the same."""

import pytest

from image_search import duplicates
from image_search.duplicates import DuplicateFinder
from image_search.records import Record
from tests.unit.fakes import FakeBucket, FakeVectorIndex
from tests.unit.records import metadata, record


def world(**directions):
    """Images by key; those of one direction look the same."""
    keys = {name.replace("_", "/"): direction for name, direction in directions.items()}
    images = FakeBucket(**{key: key.encode() for key in keys})
    return images, FakeVectorIndex(*(record(n, key=key) for key, n in keys.items()))


def pages(images, vectors, prefix=""):
    """The keys of the groups of every page."""
    finder, cursor, found = DuplicateFinder(images, vectors, 0.9), "", []
    while True:
        groups, cursor = finder.page(prefix, cursor)
        found.append([sorted(group) for group in groups])
        if not cursor:
            return found


def test_images_that_look_the_same_are_one_group():
    assert pages(*world(a=1, b=2, c=1, d=3, e=1, f=2)) == [[["a", "c", "e"], ["b", "f"]]]


def test_images_that_only_the_model_considers_equal_form_no_group():
    """The second has a thumbhash of another brightness and of other colours."""
    images, vectors = world(a=1, b=1)
    dark = metadata(key="b", thumbhash="1QcSHQRnh493V4dIh4eXh1h4kJUI")
    vectors.records["b"] = Record(vectors.records["b"].vector, dark)

    assert pages(images, vectors) == [[]]


def test_only_a_higher_cosine_than_the_threshold_makes_a_duplicate():
    one, other = metadata(key="a"), metadata(key="b")

    assert duplicates.is_same_image(one, other, cosine=0.91, threshold=0.9)
    assert not duplicates.is_same_image(one, other, cosine=0.9, threshold=0.9)


def test_without_duplicates_there_is_no_group():
    assert pages(*world(a=1, b=2)) == [[]]


def test_an_image_that_is_not_indexed_has_no_duplicates():
    images, vectors = world(a=1, b=1)
    vectors.delete(["a"])

    assert pages(images, vectors) == [[]]


def test_every_pair_is_found_wherever_its_images_are(monkeypatch):
    monkeypatch.setattr(duplicates, "_IMAGES_PER_CALL", 2)

    found = pages(*world(a=1, b=2, c=3, d=2, e=1, f=3))

    assert found == [[["a", "e"], ["b", "d"]], [["c", "f"]], []]


def test_a_duplicate_elsewhere_is_found_with_the_one_under_the_prefix():
    assert pages(*world(a=1, x_b=1, z=1), prefix="x/") == [[["a", "x/b", "z"]]]


@pytest.mark.parametrize("keys", ["abc", "cab", "bca"])
def test_a_chain_of_likeness_is_one_group(keys):
    images, vectors = world(a=0, b=0, c=0)
    for key, slope in zip(keys, (0.0, 0.4, 0.8), strict=True):
        vector = vectors.records[key].vector
        vector[0], vector[1] = 1 / (1 + slope**2) ** 0.5, slope / (1 + slope**2) ** 0.5

    assert pages(images, vectors) == [[["a", "b", "c"]]]


def test_a_call_asks_the_index_about_50_images_at_most():
    images = FakeBucket(**{f"{n:03}": b"" for n in range(120)})
    vectors = FakeVectorIndex()

    DuplicateFinder(images, vectors, 0.9).page("", "")

    assert vectors.count_of("query") == 50


@pytest.fixture
def few(monkeypatch):
    """Ten duplicates of an image are listed at most, instead of a hundred, and five on a page."""
    monkeypatch.setattr(duplicates, "_MOST_DUPLICATES", 10)
    monkeypatch.setattr(duplicates, "_IMAGES_PER_CALL", 5)


@pytest.mark.parametrize(("count", "neighbours"), [(12, 1000), (23, 1000), (23, 13)])
def test_every_image_of_a_large_group_is_found(count, neighbours, few, monkeypatch):
    """More images are equally near than neighbours are requested."""
    monkeypatch.setattr(duplicates, "_MOST_NEIGHBOURS", neighbours)
    images, vectors = world(**{f"scan{number:02}": 1 for number in range(count)})

    found = pages(images, vectors)

    assert {key for page in found for group in page for key in group} == images.data.keys()
    assert all(len(group) > 1 for page in found for group in page)


def test_an_image_on_the_edge_of_a_large_group_is_found(few):
    """Its only duplicate has many nearer ones, and so does not list this image."""
    images, vectors = world(**{f"k{number:02}": 0 for number in range(14)}, a=0, z=0)
    for key in images.data.keys() - {"a"}:
        vectors.records[key].vector[:2] = 0.95, -0.312
    vectors.records["z"].vector[:2] = 0.92, 0.392

    found = pages(images, vectors)

    assert ["a", "z"] in [group for page in found for group in page]


def test_neighbours_that_look_different_hide_no_duplicate(few, monkeypatch):
    images, vectors = world(**{f"k{number:02}": 0 for number in range(30)}, y=0, z=0)
    monkeypatch.setattr(
        duplicates, "is_same_image", lambda one, other, *_: {one.key, other.key} == {"y", "z"}
    )

    assert [group for page in pages(images, vectors) for group in page] == [["y", "z"]]


def test_the_search_for_neighbours_ends_where_all_that_are_read_look_different(few, monkeypatch):
    monkeypatch.setattr(duplicates, "_MOST_NEIGHBOURS", 15)
    monkeypatch.setattr(duplicates, "is_same_image", lambda *_: False)
    images, vectors = world(**{f"k{number:02}": 0 for number in range(16)})
    vectors.watch = lambda *_: pytest.fail("endless") if len(vectors.calls) > 100 else None

    assert [group for page in pages(images, vectors) for group in page] == []
