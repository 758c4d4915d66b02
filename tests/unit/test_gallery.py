"""The stored images with their states, uploads and deletions."""

import json
from dataclasses import asdict

import pytest

from image_search.errors import ImageNotFoundError
from image_search.gallery import Gallery
from image_search.rejections import Rejection, rejection_key
from tests.unit.images import flat, png_claiming
from tests.unit.indexes import World


@pytest.fixture
def world(image_encoder):
    here = World(image_encoder, a=flat("red"), b=b"text", c=flat("green"))
    here.states("a", "b")
    return here


@pytest.fixture
def gallery(world):
    return Gallery(world.images, world.thumbnails, world.vectors)


def test_every_state_is_reported(world, gallery):
    images, _ = gallery.page("", "", 10)

    assert [(image.info.key, image.state) for image in images] == [
        ("a", "indexed"),
        ("b", "rejected"),
        ("c", "pending"),
    ]
    assert [bool(image.rejection) for image in images] == [False, True, False]
    assert images[1].rejection.reason == "not-a-readable-image"
    assert images[0].metadata == world.vectors.records["a"].metadata
    assert (images[1].metadata, images[2].metadata) == (None, None)


@pytest.mark.parametrize("key", ["a", "b", "c"])
def test_an_image_alone_is_as_it_is_in_its_page(key, gallery):
    page, _ = gallery.page(key, "", 1)

    assert gallery.image(key) == page[0]


@pytest.mark.parametrize("key", ["a", "b"])
def test_an_image_that_was_replaced_since_it_was_indexed_or_rejected_is_pending(
    key, world, gallery
):
    world.images.put(key, flat("blue"))

    image = gallery.image(key)

    assert (image.state, image.metadata) == ("pending", None)
    assert image.info == world.images.info(key)


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"key": "c"}', b"\xff"])
def test_a_foreign_object_is_not_a_rejection(data, world, gallery):
    world.thumbnails.put(rejection_key("c"), data)

    assert gallery.image("c").state == "pending"


def test_a_rejection_of_an_equal_object_of_another_key_does_not_count(world, gallery):
    other = Rejection("b", world.images.info("c").etag, "not-a-readable-image", "")
    world.thumbnails.put(rejection_key("c"), json.dumps(asdict(other)).encode())

    assert gallery.image("c").state == "pending"


def listed(gallery, prefix="", reason="", limit=10):
    """The keys of all pages."""
    keys, cursor = [], ""
    while True:
        images, cursor = gallery.rejected_page(prefix, reason, cursor, limit)
        keys += [image.info.key for image in images]
        assert {image.state for image in images} <= {"rejected"}
        if not cursor:
            return sorted(keys)


def test_rejected_images_are_listed_by_reason(world, gallery):
    world.images.put("d/large", png_claiming(30_000, 30_000))
    world.images.put("d/text", b"text")
    world.states("d/large", "d/text")

    assert listed(gallery) == ["b", "d/large", "d/text"]
    assert listed(gallery, limit=1) == ["b", "d/large", "d/text"]
    assert listed(gallery, prefix="d/") == ["d/large", "d/text"]
    assert listed(gallery, reason="too-many-pixels") == ["d/large"]


def test_a_rejection_that_does_not_hold_any_more_is_not_listed(world, gallery):
    world.images.put("e", b"text")
    world.states("e")
    world.images.put("b", flat())
    world.images.remove("e")

    assert listed(gallery) == []


def test_a_page_asks_the_index_once(world, gallery):
    world.vectors.calls.clear()

    gallery.page("", "", 10)

    assert world.vectors.count_of("fetch") == 1


def test_folder_markers_of_clients_are_not_images(world, gallery):
    world.images.put("folder/", b"")
    world.images.put("folder/x", flat())

    images, _ = gallery.page("folder", "", 10)

    assert [image.info.key for image in images] == ["folder/x"]
    for call in (gallery.image, gallery.delete):
        with pytest.raises(ImageNotFoundError):
            call("folder/")


def test_an_image_whose_key_ends_like_a_folder_is_listed(world, gallery):
    world.images.put("folder/", flat())

    images, _ = gallery.page("folder", "", 10)

    assert images == [gallery.image("folder/")]


def test_an_object_deleted_while_its_page_is_made_stops_no_page(world, gallery):
    world.thumbnails.watch = lambda *_: world.images.remove("c")

    images, _ = gallery.page("", "", 10)

    assert len(images) == 3
