"""The limits of decoding, the reasons of rejections, and the time of a photograph."""

import pytest
from PIL import ExifTags, Image

from image_search import decoding
from image_search.errors import RejectedError, TooManyBytesError, TooManyPixelsError
from tests.unit.images import encoded, noise, photo, png_claiming


def test_too_many_bytes_are_refused_before_they_are_looked_at():
    data = bytes(decoding.MAX_IMAGE_BYTES + 1)

    with pytest.raises(TooManyBytesError, match=f"{len(data)} bytes, at most {len(data) - 1}"):
        decoding.decode(data)


def test_a_decompression_bomb_is_refused_by_its_header(monkeypatch):
    bombs = [
        png_claiming(30_000, 30_000),
        encoded(Image.new("1", (30_000, 3_000)), "TIFF", compression="group4"),
        encoded(Image.new("RGB", (9, 9)), "GIF").replace(b"\x09\0\x09\0", b"\xff\xff\xff\xff"),
    ]
    monkeypatch.setattr(Image.Image, "load", lambda _: pytest.fail("pixels were decoded"))

    for bomb in bombs:
        assert len(bomb) < 50_000
        with pytest.raises(TooManyPixelsError, match="at most 64000000 are allowed"):
            decoding.decode(bomb)


def test_the_largest_image_that_is_allowed_passes_the_check(monkeypatch):
    monkeypatch.setattr(decoding, "MAX_IMAGE_PIXELS", 40 * 30)

    assert decoding.decode(encoded(noise(40, 30))).width == 40
    with pytest.raises(TooManyPixelsError, match="40 × 31 pixels"):
        decoding.decode(encoded(noise(40, 31)))


JPEG = encoded(photo(400, 300), "JPEG")
BEGINNINGS = {"PNG": 1000, "GIF": 1000, "WEBP": 300, "AVIF": 500, "TIFF": 1800}


def beginning(kind):
    return encoded(noise(), kind)[: BEGINNINGS[kind]]


REASONS = {
    "nothing": (b"", "empty-file"),
    "text": (b"not an image", "not-a-readable-image"),
    "svg": (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "svg"),
    "pdf": (b"%PDF-1.4\n", "pdf"),
    "jxl": (b"\xff\x0a\xfa\x1f", "jpeg-xl"),
    "jxl in boxes": (b"\0\0\0\x0cJXL \r\n\x87\n", "jpeg-xl"),
    "jpeg 2000": (encoded(photo(40, 30), "JPEG2000"), "jpeg-2000"),
    "psd": (b"8BPS\0\1", "photoshop"),
    "mov": (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "video"),
    "mp4": (b"\0\0\0\x18ftypisom\0\0\2\0isommp41", "video"),
    "a HEIC without an image": (b"\0\0\0\x14ftypheic\0\0\0\0mif1", "damaged-heic"),
    "AVC in HEIF": (b"\0\0\0\x14ftypavci\0\0\0\0avci", "damaged-heic"),
    "an icon": (encoded(noise(32, 32), "ICO"), "icon"),
    "four bytes of a JPEG": (JPEG[:4], "cut-off"),
    "half a JPEG": (JPEG[: len(JPEG) // 2], "cut-off"),
    **{f"the beginning of a {kind}": (beginning(kind), "cut-off") for kind in BEGINNINGS},
    "broken PNG": (png_claiming(100, 100), "not-a-readable-image"),
}


@pytest.mark.parametrize(("data", "reason"), REASONS.values(), ids=REASONS)
def test_a_rejection_names_the_format_and_the_remedy(data, reason):
    with pytest.raises(RejectedError) as caught:
        decoding.decode(data)

    assert caught.value.reason == reason
    assert "; " in str(caught.value)


@pytest.mark.parametrize(("offset", "seconds"), [("", 0), ("abc", 0), ("+02:00", 7200)])
def test_the_camera_s_clock_is_utc_unless_an_offset_is_given(offset, seconds):
    exif = Image.Exif()
    tags = exif.get_ifd(ExifTags.IFD.Exif)
    tags[ExifTags.Base.DateTimeOriginal] = "2021:03:04 05:06:07"
    tags[ExifTags.Base.OffsetTimeOriginal] = offset

    decoded = decoding.decode(encoded(noise(12, 8), "JPEG", exif=exif))

    assert decoded.taken_at == 1614834367 - seconds
