"""Damaged files are read or rejected; they break nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from image_search import decoding, preprocess
from image_search.errors import RejectedError, TooManyPartsError
from image_search.thumbhash import thumbhash
from tests.fuzz.corpus import corpus
from tests.fuzz.hostile import many_pieces, many_scans
from tests.unit.images import encoded, photo

FILES = {
    kind: encoded(photo(40, 30), kind) for kind in ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP")
}
DAMAGE = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=5)


@pytest.mark.filterwarnings("ignore::UserWarning")
@given(st.sampled_from(sorted(FILES)), DAMAGE, st.integers(0, 3000))
@settings(max_examples=100, deadline=None)
def test_a_damaged_file_is_an_image_or_rejected(kind, damage, cut):
    data = bytearray(FILES[kind])
    for position, value in damage:
        data[position % len(data)] = value

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoding, "MAX_IMAGE_PIXELS", 1_000_000)  # larger ones only take time
        try:
            decoded = decoding.decode(bytes(data[: len(data) - cut]))
        except RejectedError:
            return

    assert preprocess.pixels(decoded.image, 32, "bicubic").shape == (32, 32, 3)
    assert thumbhash(preprocess.thumbnail(decoded.image))
    assert decoded.width * decoded.height <= 1_000_000


@pytest.mark.filterwarnings("ignore:Corrupt EXIF:UserWarning")
@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
@pytest.mark.parametrize("exif", [b"Exif\x00\x00garbage", b"II*\x00\xff\xff\xff\xff", b"x"])
def test_damaged_exif_does_not_make_an_image_unreadable(kind, exif):
    decoded = decoding.decode(encoded(photo(40, 30), kind, exif=exif))

    assert (decoded.width, decoded.height, decoded.taken_at) == (40, 30, None)


def test_a_broken_colour_profile_is_ignored():
    plain = decoding.decode(encoded(photo(40, 30)))

    broken = decoding.decode(encoded(photo(40, 30), icc_profile=b"no profile"))

    assert broken.image.tobytes() == plain.image.tobytes()


@pytest.mark.parametrize("name", corpus())
def test_every_kind_of_file_is_read(name):
    decoded = decoding.decode(corpus()[name])

    assert sorted((decoded.width, decoded.height)) in ([36, 48], [64, 96])


def test_a_jpeg_may_have_as_many_scans_as_a_thorough_encoder_writes():
    assert decoding.decode(many_scans((64, 48), 90)).width == 64


def test_a_jpeg_that_is_drawn_over_and_over_is_rejected_unread():
    with pytest.raises(TooManyPartsError, match="100 scans"):
        decoding.decode(many_scans((64, 48), 200))


def test_bytes_that_look_like_scans_behind_an_image_or_in_a_comment_are_not_counted():
    looks = b"\xff\xda\x00\x08" * 1000

    assert decoding.decode(encoded(photo(40, 30), "JPEG") + looks).width == 40
    assert decoding.decode(encoded(photo(40, 30), "JPEG", comment=looks)).width == 40


def test_scans_behind_endless_tables_are_not_searched_for():
    endless = many_scans((64, 48), 200).replace(b"\xff\xda", b"\xff\xfe\0\2" * 3000 + b"\xff\xda")

    with pytest.raises(TooManyPartsError, match="2000 segments"):
        decoding.decode(endless)


@pytest.mark.parametrize("kind", ["JPEG", "padded JPEG", "PNG", "GIF"])
def test_a_file_in_endless_pieces_is_rejected(kind):
    with pytest.raises(TooManyPartsError, match="100000 pieces"):
        decoding.decode(many_pieces(kind, 2 * 10**6))
