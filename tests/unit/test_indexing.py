"""The index agrees with the objects after every batch."""

import base64
from threading import Event, Lock
from weakref import ref

import numpy as np
import pytest

from image_search import decoding, indexing
from image_search.colors import dominant_colors
from image_search.encoder import ImageEncoder
from image_search.errors import UnreadableImageError, VectorIndexError
from image_search.rejections import rejection_key
from image_search.thumbhash import thumbhash
from image_search.thumbnails import thumbnail_key
from tests.unit.images import encoded, flat, noise, png_claiming
from tests.unit.indexes import RecordingEncoder, World


def test_a_new_object_is_indexed_with_its_metadata(world, image_encoder):
    data = encoded(noise(90, 60))
    here = world(a=data)

    assert here.states("a") == {"a": "indexed"}

    record, info = here.vectors.records["a"], here.images.info("a")
    decoded = decoding.decode(data)
    vector = image_encoder.embed(image_encoder.pixels(decoded)[None])[0]
    assert np.array_equal(record.vector, vector)
    got = record.metadata
    assert (got.key, got.etag, got.size) == ("a", info.etag, len(data))
    assert (got.width, got.height, got.content_type) == (90, 60, "image/png")
    assert (got.uploaded_at, got.taken_at) == (info.uploaded_at, None)
    assert base64.b64decode(got.thumbhash) == thumbhash(decoded.image)
    assert got.colors == dominant_colors(decoded.image)


def test_a_new_object_has_a_thumbnail(world):
    here = world(a=encoded(noise(900, 600)))

    here.states("a")

    small = decoding.decode(here.thumbnails.data[thumbnail_key("a")])
    assert (small.content_type, small.image.size) == ("image/webp", (400, 267))


def test_a_thumbnail_is_there_before_its_record_points_at_it(world):
    here = world(a=flat())
    there = []
    here.vectors.watch = lambda operation, _: (
        there.append(here.has_thumbnail("a")) if operation == "upsert" else None
    )

    here.states("a")

    assert there == [True]


def test_an_object_indexed_already_is_not_read_again(world):
    here = world(a=flat())
    here.states("a")
    here.images.calls.clear()
    here.vectors.calls.clear()

    assert here.states("a") == {"a": "unchanged"}

    assert here.images.calls == [("info", "a"), ("info", "a")]
    assert here.vectors.calls == [("fetch", "")]


def test_a_replaced_object_is_indexed_again(world):
    here = world(a=flat("red"))
    here.states("a")
    before = here.vectors.records["a"]
    here.images.put("a", flat("blue", size=(20, 10)))

    assert here.states("a") == {"a": "indexed"}

    assert here.indexed() == here.wanted("a")
    assert here.vectors.records["a"].metadata.width == 20
    assert not np.allclose(here.vectors.records["a"].vector, before.vector)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"not an image", "not-a-readable-image"),
        (b"", "empty-file"),
        (encoded(noise())[:500], "cut-off"),
        (png_claiming(30_000, 30_000), "too-many-pixels"),
    ],
)
def test_a_rejected_object_is_recorded_and_its_old_record_removed(data, reason, world):
    here = world(a=flat())
    here.states("a")
    here.images.put("a", data)

    outcome = here.indexer.reconcile(["a"])["a"]

    assert (outcome.state, outcome.error.reason) == ("rejected", reason)
    assert here.rejected("a") == reason
    assert here.indexed() == {}
    assert not here.has_thumbnail("a")


def test_an_object_that_is_too_large_is_rejected_unread(world, monkeypatch):
    monkeypatch.setattr(indexing, "MAX_IMAGE_BYTES", 10)
    here = world(a=flat())

    assert here.states("a") == {"a": "rejected"}

    assert here.rejected("a") == "too-many-bytes"
    assert here.images.count_of("read") == 0
    monkeypatch.setattr(indexing, "MAX_IMAGE_BYTES", len(flat()))
    assert here.states("a") == {"a": "indexed"}


def test_no_record_is_written_whose_thumbnail_was_refused(world):
    here = world(a=flat())
    here.thumbnails.refused = {thumbnail_key("a")}

    assert here.states("a") == {"a": "failed"}
    assert here.indexed() == {}


def test_one_bad_key_stops_no_other(world):
    here = world(bad=flat("red"), good=flat("green"), text=b"text")

    def watch(operation, key):
        if (operation, key) == ("read", "bad"):
            raise ConnectionError("S3 did not answer")

    here.images.watch = watch
    outcomes = here.indexer.reconcile(["text", "bad", "good", "gone"])

    states = {key: outcome.state for key, outcome in outcomes.items()}
    wanted = {"bad": "failed", "good": "indexed", "text": "rejected", "gone": "deleted"}
    assert states == wanted
    assert isinstance(outcomes["bad"].error, ConnectionError)
    assert isinstance(outcomes["text"].error, UnreadableImageError)
    assert here.indexed() == here.wanted("good")


def test_a_failed_key_keeps_its_old_record_until_it_is_tried_again(world):
    here = world(a=flat("red"))
    here.states("a")
    old = here.indexed()
    here.images.put("a", flat("blue"))
    here.images.broken = ConnectionError()

    assert here.states("a") == {"a": "failed"}
    assert here.indexed() == old

    here.images.broken = None
    assert here.states("a") == {"a": "indexed"}
    assert here.indexed() == here.wanted("a") != old


def test_a_rejected_object_stays_rejected_while_it_cannot_be_read(world):
    here = world(a=b"text")
    here.states("a")
    here.images.broken = ConnectionError()

    assert here.states("a") == {"a": "failed"}
    here.images.broken = None
    assert here.rejected("a") == "not-a-readable-image"


def test_a_key_that_comes_twice_in_a_batch_is_done_once(world):
    here = world(a=flat())

    assert here.states("a", "a", "a") == {"a": "indexed"}

    assert here.images.count_of("read") == 1
    assert here.thumbnails.count_of("write") == 1


def test_a_batch_is_one_run_of_the_model_and_one_request(bundle):
    encoder = RecordingEncoder(bundle)
    here = World(encoder, **{str(n): flat((n, n, n)) for n in range(10)}, text=b"text")

    here.states(*here.images.data)

    assert encoder.runs == [10]
    assert here.vectors.count_of("upsert") == 1
    assert len(here.indexed()) == 10


def test_without_keys_no_request_is_sent(world):
    here = world()

    assert here.states() == {}

    assert here.images.calls == []
    assert here.vectors.count_of("upsert") == here.vectors.count_of("delete") == 0


@pytest.mark.parametrize("operation", ["fetch", "upsert", "delete"])
def test_a_batch_fails_while_the_index_is_down_and_a_retry_repairs_it(operation, world):
    here = world(old=flat("red"), text=flat("blue"), gone=flat("green"))
    here.states("old", "text", "gone")
    here.images.put("old", flat("white"))
    here.images.put("new", flat("black"))
    here.images.put("text", b"text")
    here.images.remove("gone")

    def watch(called, _):
        if called == operation:
            raise VectorIndexError("down")

    here.vectors.watch = watch
    with pytest.raises(VectorIndexError, match="down"):
        here.states("old", "new", "text", "gone")

    here.vectors.watch = lambda *_: None
    here.states("old", "new", "text", "gone")
    assert here.indexed() == here.wanted("old", "new")
    assert here.rejected("text") == "not-a-readable-image"
    thumbnails = {thumbnail_key("old"), thumbnail_key("new")}
    assert here.thumbnail_keys() == thumbnails | {rejection_key("text")}


def test_the_same_bytes_put_again_are_indexed_again(world):
    here = world(a=flat())
    here.states("a")
    here.images.put("a", flat())

    assert here.states("a") == {"a": "indexed"}

    assert here.vectors.records["a"].metadata.uploaded_at == here.images.info("a").uploaded_at


def test_images_are_decoded_one_at_a_time(world, monkeypatch):
    alone, decode = Lock(), decoding.decode

    def decode_alone(data, heic):
        assert alone.acquire(blocking=False)
        try:
            return decode(data, heic=heic)
        finally:
            alone.release()

    monkeypatch.setattr(decoding, "decode", decode_alone)
    here = world(**{str(n): encoded(noise(400, 300, seed=n)) for n in range(10)})

    assert set(here.states(*here.images.data).values()) == {"indexed"}


def test_a_rejected_image_is_not_kept_until_its_batch_ends(world, monkeypatch):
    references = []

    def decode(data, heic):
        decoded = noise()
        references.append(ref(decoded))
        try:
            raise OSError("truncated")
        except OSError as error:
            raise UnreadableImageError("truncated") from error

    monkeypatch.setattr(decoding, "decode", decode)
    here = world(a=flat(), b=flat("blue"))

    outcomes = here.indexer.reconcile(["a", "b"])

    assert {outcome.state for outcome in outcomes.values()} == {"rejected"}
    assert [reference() for reference in references] == [None, None]


@pytest.mark.parametrize("name", [thumbnail_key, rejection_key])
@pytest.mark.parametrize("data", [flat("red"), b"text", None], ids=["image", "text", "deleted"])
def test_a_write_that_s3_refuses_for_one_key_fails_no_other(name, data, world):
    others = {"image": flat("blue"), "bad text": b"text", "was text": flat("green")}
    here = world(gone=flat(), a=flat("pink"), **others | {"was text": b"text"})
    here.states("gone", "a", *others)
    here.images.remove("gone")
    here.images.put("was text", others["was text"])
    here.images.put("a", data) if data else here.images.remove("a")
    here.thumbnails.refused = {name("a")}

    states = here.states("a", "gone", *others)

    written = thumbnail_key if data == flat("red") else rejection_key if data else None
    removed = rejection_key if data == flat("red") else thumbnail_key
    assert states.pop("a") == ("failed" if name in (written, removed) or not data else "")
    assert states == {
        "image": "unchanged",
        "bad text": "rejected",
        "was text": "indexed",
        "gone": "deleted",
    }
    here.thumbnails.refused = set()
    assert here.states("a")["a"] != "failed"
    assert here.indexed().keys() - {"a"} == {"image", "was text"}


def test_a_record_that_the_index_refuses_fails_no_other(world):
    here = world(a=flat("red"), b=flat("blue"), c=flat("green"))
    here.vectors.refused = {"b"}

    assert here.states("a", "b", "c") == {"a": "indexed", "b": "failed", "c": "indexed"}
    assert here.indexed() == here.wanted("a", "c")


def test_objects_are_looked_at_while_the_index_is_asked_for_their_records(world):
    busy = world(a=flat("red"))
    looked = Event()
    busy.images.watch = lambda *_: looked.set()
    busy.vectors.watch = lambda operation, _: operation == "fetch" and assert_set(looked)

    assert busy.states("a") == {"a": "indexed"}


def test_outdated_thumbnails_are_removed_while_images_are_embedded(world, monkeypatch):
    busy = world(a=flat("red"))
    removed, embed = Event(), ImageEncoder.embed
    busy.thumbnails.watch = lambda operation, _: operation == "delete" and removed.set()
    monkeypatch.setattr(ImageEncoder, "embed", lambda *given: assert_set(removed) and embed(*given))

    assert busy.states("a") == {"a": "indexed"}


def assert_set(event):
    """Wait for what happens at the same time."""
    assert event.wait(10)
    return True
