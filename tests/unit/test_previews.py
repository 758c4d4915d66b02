"""Originals that browsers cannot show have a large preview; computers' own files are no images."""

import pytest
from PIL import Image

from image_search import decoding
from image_search.clutter import is_clutter
from image_search.consistency import ConsistencyChecker
from image_search.errors import ImageNotFoundError
from image_search.gallery import Gallery
from image_search.indexing import Indexer
from image_search.thumbnails import preview_key, thumbnail_key
from image_search.walk import compare
from tests.unit import raws
from tests.unit.images import encoded, flat, jpeg, noise
from tests.unit.kinds import HEIC

PLAIN = (HEIC / "plain.heic").read_bytes()
CLUTTER = ["._beach.jpg", ".DS_Store", "Thumbs.db", "desktop.ini", "a/b/._c.png", "a/THUMBS.DB"]
IMAGES = [".hidden.jpg", "a._b.jpg", "DS_Store.jpg", "thumbs.db.png", "._folder/a.jpg"]


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (encoded(Image.new("RGB", (2200, 1100)), "TIFF"), (2048, 1024)),
        (encoded(noise(300, 150), "TIFF"), (300, 150)),
        (PLAIN, (96, 64)),
        (raws.raw(jpeg("teal", (2200, 1650))), (2048, 1536)),
    ],
    ids=["large TIFF", "small TIFF", "HEIC", "raw"],
)
def test_an_original_that_browsers_cannot_show_has_a_large_preview(data, size, world):
    here = world(a=data)

    assert here.states("a") == {"a": "indexed"}

    preview = decoding.decode(here.thumbnails.data[preview_key("a")])
    assert (preview.content_type, preview.image.size) == ("image/webp", size)
    assert here.vectors.records["a"].metadata.preview is True
    assert here.thumbnails.source(preview_key("a")) == here.thumbnails.source(thumbnail_key("a"))


def test_an_image_that_browsers_show_has_no_preview(world):
    here = world(a=encoded(noise(), "JPEG"), b=encoded(noise(), "AVIF"))

    here.states("a", "b")

    assert set(here.thumbnails.data) == {thumbnail_key("a"), thumbnail_key("b")}
    assert {record.metadata.preview for record in here.vectors.records.values()} == {None}


@pytest.mark.parametrize("then", ["replaced", "deleted", "rejected"])
def test_a_preview_goes_with_its_original(then, world):
    here = world(a=encoded(noise(), "TIFF"))
    here.states("a")

    if then == "deleted":
        here.images.remove("a")
    else:
        here.images.put("a", flat() if then == "replaced" else b"text")
    here.states("a")

    assert preview_key("a") not in here.thumbnails.data


def test_doctor_finds_nothing_wrong_with_a_preview(world):
    here = world(a=encoded(noise(), "TIFF"))
    here.states("a")

    checker = ConsistencyChecker(here.images, here.thumbnails, here.vectors)

    assert compare(checker).first == {}


def test_heic_is_rejected_by_an_indexer_that_does_not_decode_it(world, image_encoder):
    here = world(a=PLAIN)
    indexer = Indexer(here.images, here.thumbnails, here.vectors, image_encoder, heic=False)

    (outcome,) = indexer.reconcile(["a"]).values()

    assert (outcome.state, outcome.error.reason) == ("rejected", "heic-off")


def test_records_mark_truncated_and_raw_images(world):
    data = encoded(Image.new("RGB", (64, 640), "teal"), "BMP")
    here = world(cut=data[: int(len(data) * 0.95)], raw=raws.raw(raws.jpeg(40, 30)), whole=data)

    here.states("cut", "raw", "whole")

    stored = {key: record.metadata for key, record in here.vectors.records.items()}
    assert {key: (one.truncated, one.raw) for key, one in stored.items()} == {
        "cut": (True, None),
        "raw": (None, True),
        "whole": (None, None),
    }


@pytest.mark.parametrize("key", CLUTTER)
def test_a_computer_s_own_files_are_neither_indexed_nor_listed_nor_missing(key, world):
    here = world(**{key: flat(), "a": flat()})
    gallery = Gallery(here.images, here.thumbnails, here.vectors)

    assert here.states(key, "a") == {key: "unchanged", "a": "indexed"}

    assert [image.info.key for image in gallery.page("", "", 10)[0]] == ["a"]
    with pytest.raises(ImageNotFoundError):
        gallery.image(key)
    checker = ConsistencyChecker(here.images, here.thumbnails, here.vectors)
    assert compare(checker).first == {}
    assert not any(name.startswith("rejected/") for name in here.thumbnails.data)


@pytest.mark.parametrize("key", IMAGES)
def test_images_with_such_letters_in_their_names_are_images(key):
    assert not is_clutter(key)
