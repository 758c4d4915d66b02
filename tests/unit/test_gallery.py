"""What is stored, with its state; the way in and out."""

import pytest

from image_search.errors import EncryptedError, ImageExistsError, ImageNotFoundError
from image_search.gallery import Gallery
from image_search.preprocess import MAX_IMAGE_BYTES
from tests.unit.indexes import World
from tests.unit.pictures import flat


@pytest.fixture
def world(image_encoder):
    here = World(image_encoder, a=flat("red"), b=b"text", c=flat("green"))
    here.states("a", "b")
    return here


@pytest.fixture
def gallery(world):
    return Gallery(world.images, world.vectors)


def test_every_state_is_told(world, gallery):
    images, _ = gallery.page("", "", 10)

    assert [(image.info.key, image.state, image.reason) for image in images] == [
        ("a", "indexed", None),
        ("b", "rejected", "not-a-readable-image"),
        ("c", "pending", None),
    ]
    assert images[0].metadata == world.vectors.records["a"].metadata
    assert (images[1].metadata, images[2].metadata) == (None, None)


@pytest.mark.parametrize("key", ["a", "b", "c"])
def test_an_image_alone_is_as_it_is_in_its_page(key, gallery):
    page, _ = gallery.page(key, "", 1)

    assert gallery.image(key) == page[0]


def test_an_image_replaced_since_it_was_indexed_is_pending(world, gallery):
    world.images.put("a", flat("blue"))

    image = gallery.image("a")

    assert (image.state, image.metadata) == ("pending", None)
    assert image.info == world.images.info("a")


def test_a_rejected_object_that_is_replaced_is_pending(world, gallery):
    world.images.put("b", flat())

    assert gallery.image("b").state == "pending"


@pytest.mark.parametrize("tag", ["", "accepted", "something:else"])
def test_a_tag_of_somebody_else_is_no_rejection(tag, world, gallery):
    world.images.tag(world.images.info("c"), "image-search", tag)

    assert gallery.image("c").state == "pending"


def test_pages_follow_each_other(gallery):
    first, cursor = gallery.page("", "", 2)
    second, end = gallery.page("", cursor, 2)

    assert [image.info.key for image in first + second] == ["a", "b", "c"]
    assert end == ""


def test_a_page_asks_the_index_once(world, gallery):
    world.vectors.calls.clear()

    gallery.page("", "", 10)

    assert world.vectors.count_of("fetch") == 1


def test_folders_that_some_clients_make_are_no_images(world, gallery):
    world.images.put("folder/", b"")
    world.images.put("folder/x", flat())

    images, _ = gallery.page("folder", "", 10)

    assert [image.info.key for image in images] == ["folder/x"]
    for call in (gallery.image, gallery.delete):
        with pytest.raises(ImageNotFoundError):
            call("folder/")


def test_a_picture_whose_key_ends_like_a_folder_is_an_image(world, gallery):
    world.images.put("folder/", flat())

    images, _ = gallery.page("folder", "", 10)

    assert images == [gallery.image("folder/")]


def test_an_object_deleted_while_its_page_is_made_stops_no_page(world, gallery):
    world.images.watch = lambda operation, key: (
        world.images.remove("c") if operation == "tags" else None
    )

    images, _ = gallery.page("", "", 10)

    assert len(images) == 3


def test_a_deleted_image_is_gone(world, gallery):
    gallery.delete("a")

    assert world.images.data.keys() == {"b", "c"}


def test_keys_without_an_object_are_not_found(gallery):
    with pytest.raises(ImageNotFoundError, match="'missing'"):
        gallery.image("missing")
    with pytest.raises(ImageNotFoundError, match="'missing'"):
        gallery.delete("missing")


@pytest.mark.parametrize(("key", "replace"), [("new", False), ("new", True), ("a", True)])
def test_an_upload_form_is_for_one_key_type_and_size(key, replace, gallery):
    form = gallery.upload_form(key, "image/png", replace=replace)

    fields = {"key": key, "Content-Type": "image/png", "most": str(MAX_IMAGE_BYTES)}
    assert form["fields"] == fields


def test_an_upload_that_would_replace_an_image_must_say_so(world, gallery):
    with pytest.raises(ImageExistsError, match=r"'a' exists; .* send replace: true") as caught:
        gallery.upload_form("a", "image/png", replace=False)

    assert caught.value.key == "a"
    assert world.images.count_of("presigned_post") == 0


def test_an_object_of_a_customer_s_key_is_listed_told_and_deleted(world, gallery):
    def refuse(called, key):
        if (called, key) == ("info", "c"):
            raise EncryptedError(key)

    world.images.watch = refuse

    assert gallery.image("c").info.key == "c"
    gallery.delete("c")
    assert "c" not in world.images.data
