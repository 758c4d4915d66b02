"""A map of the index, and how long one is kept."""

from unittest.mock import ANY

import pytest

from image_search import collection_map
from image_search.collection_map import CollectionMapper
from image_search.errors import VectorIndexError
from tests.unit.fakes import FakeVectorIndex
from tests.unit.records import record


def index(count):
    return FakeVectorIndex(*(record(n % 48, key=f"{n}.jpg") for n in range(count)))


def keys(drawn):
    return {point.metadata.key for point in drawn.points}


def test_every_image_of_a_small_index_is_on_the_map():
    drawn = CollectionMapper(index(30)).map()

    assert keys(drawn) == {f"{n}.jpg" for n in range(30)}
    assert drawn.total == 30
    assert not drawn.sampled
    assert all(0 <= point.x <= 1 and 0 <= point.y <= 1 for point in drawn.points)


@pytest.mark.parametrize(("count", "sampled"), [(10, False), (11, True)])
def test_a_large_index_is_sampled(count, sampled, monkeypatch):
    monkeypatch.setattr(collection_map, "MAX_POINTS", 10)

    drawn = CollectionMapper(index(count)).map()

    assert (len(drawn.points), drawn.total, drawn.sampled) == (10, count, sampled)


def test_an_empty_index_has_an_empty_map():
    assert CollectionMapper(index(0)).map() == collection_map.CollectionMap((), 0)


def test_a_map_is_kept_until_the_number_of_images_changes():
    vectors = index(5)
    mapper = CollectionMapper(vectors)
    first = mapper.map()

    assert mapper.map() is first
    vectors.upsert([record(9, key="new.jpg")])

    assert keys(mapper.map()) == keys(first) | {"new.jpg"}


def test_a_map_of_ten_minutes_ago_is_drawn_again():
    vectors, now = index(5), 0.0
    mapper = CollectionMapper(vectors, clock=lambda: now)
    mapper.map()
    vectors.delete(["0.jpg"])
    vectors.upsert([record(9, key="new.jpg")])

    now = 599.0
    assert "0.jpg" in keys(mapper.map())
    now = 600.0
    assert keys(mapper.map()) == {"new.jpg", "1.jpg", "2.jpg", "3.jpg", "4.jpg"}


class Backwards(FakeVectorIndex):
    """Answers in another order."""

    def sample(self, limit):
        return super().sample(limit)[::-1]


def test_a_map_does_not_depend_on_the_order_in_which_the_index_answers():
    vectors = index(30)

    backwards = Backwards(*vectors.records.values())
    assert CollectionMapper(backwards).map() == CollectionMapper(vectors).map()


def test_no_map_is_kept_of_an_index_that_did_not_answer():
    vectors = index(5)
    mapper = CollectionMapper(vectors)
    vectors.broken = VectorIndexError("down")
    with pytest.raises(VectorIndexError):
        mapper.map()
    vectors.broken = None

    assert len(mapper.map().points) == 5


def test_the_route_returns_the_position_of_each_image(api):
    answer = api.get("/api/map")

    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert answer.body["bundle"] == "tiny-fp32-00000000"
    assert (answer.body["total"], answer.body["sampled"]) == (2, False)
    points = {point["key"]: point for point in answer.body["points"]}
    stored = api.world.vectors.records["red"].metadata
    assert points.keys() == {"red", "dir/ä b+.png"}
    known = {"key": "red", "etag": stored.etag, "width": 8, "height": 6}
    known |= {"thumbhash": stored.thumbhash, "thumbnail_url": ANY, "x": ANY, "y": ANY}
    assert points["red"] == known
    assert points["red"]["thumbnail_url"].startswith("/thumbs/")
    assert all(0 <= point["x"] <= 1 and 0 <= point["y"] <= 1 for point in points.values())


def test_a_prefix_leaves_images_out_and_the_others_where_they_are(api):
    everywhere = api.get("/api/map").body["points"]

    (point,) = api.get("/api/map", folder="dir/").body["points"]

    assert point["key"] == "dir/ä b+.png"
    assert point in everywhere
