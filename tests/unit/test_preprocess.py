"""Bytes to pixels: the limits, the steps of the model, the metadata."""

from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from image_search import decoding, preprocess
from image_search.errors import RejectedError, TooManyBytesError, TooManyPixelsError
from tests.unit.images import encoded, noise, photo, png_claiming

REFERENCE = Path(__file__).with_name("reference")
SAMPLES = Path(__file__).parents[2] / "samples"
SIZES = [(640, 480), (224, 224), (225, 224), (224, 227), (333, 500), (100, 37), (7, 90)]


def reference(image, size):
    """transformers' CLIPImageProcessor, up to the normalisation."""
    short, long = sorted(image.size)
    other = int(size * long / short)
    width, height = (size, other) if image.width <= image.height else (other, size)
    array = np.asarray(image.resize((width, height), Image.Resampling.BICUBIC))
    top, left = (height - size) // 2, (width - size) // 2
    return array[top : top + size, left : left + size]


@pytest.mark.parametrize("size", SIZES)
def test_pixels_are_those_of_the_reference_steps(size):
    image = noise(*size)

    assert np.array_equal(preprocess.pixels(image, 224, "bicubic"), reference(image, 224))


def test_the_interpolation_is_the_one_of_the_bundle():
    image = noise(64, 64)

    got = preprocess.pixels(image, 32, "bilinear")

    assert np.array_equal(got, np.asarray(image.resize((32, 32), Image.Resampling.BILINEAR)))


@pytest.mark.parametrize("size", [(60_000, 1), (1, 60_000)])
def test_a_very_long_image_becomes_one_input_without_gigabytes(size, monkeypatch):
    resized = []
    resize = Image.Image.resize
    monkeypatch.setattr(
        Image.Image, "resize", lambda self, to, *a: resized.append(to) or resize(self, to, *a)
    )

    decoded = preprocess.decode(encoded(noise(*size)))
    pixels = preprocess.pixels(decoded.image, 224, "bicubic")

    assert pixels.shape == (224, 224, 3)
    assert max(max(to) for to in resized) <= 16 * 224
    assert (decoded.width, decoded.height) == size


@pytest.mark.parametrize("size", [(60_000, 1), (1, 60_000), (4000, 3000), (399, 401), (1, 1)])
def test_a_thumbnail_fits_and_keeps_the_image(size):
    image = Image.new("RGB", size)

    small = preprocess.thumbnail(image)

    assert max(small.size) == min(400, max(size))
    assert min(small.size) >= 1
    assert image.size == size
    assert preprocess.decode(preprocess.webp(small)).content_type == "image/webp"


def test_too_many_bytes_are_refused_before_they_are_looked_at():
    data = bytes(preprocess.MAX_IMAGE_BYTES + 1)

    with pytest.raises(TooManyBytesError, match=f"{len(data)} bytes, at most {len(data) - 1}"):
        preprocess.decode(data)


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
            preprocess.decode(bomb)


def test_the_largest_image_that_is_allowed_passes_the_check(monkeypatch):
    monkeypatch.setattr(decoding, "MAX_IMAGE_PIXELS", 40 * 30)

    assert preprocess.decode(encoded(noise(40, 30))).width == 40
    with pytest.raises(TooManyPixelsError, match="40 × 31 pixels"):
        preprocess.decode(encoded(noise(40, 31)))


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
        preprocess.decode(data)

    assert caught.value.reason == reason
    assert "; " in str(caught.value)


@pytest.mark.parametrize(("offset", "seconds"), [("", 0), ("abc", 0), ("+02:00", 7200)])
def test_the_camera_s_clock_is_utc_unless_an_offset_is_given(offset, seconds):
    exif = Image.Exif()
    tags = exif.get_ifd(ExifTags.IFD.Exif)
    tags[ExifTags.Base.DateTimeOriginal] = "2021:03:04 05:06:07"
    tags[ExifTags.Base.OffsetTimeOriginal] = offset

    decoded = preprocess.decode(encoded(noise(12, 8), "JPEG", exif=exif))

    assert decoded.taken_at == 1614834367 - seconds


@pytest.mark.parametrize("reference", sorted(REFERENCE.glob("*.png")), ids=lambda path: path.stem)
def test_pixels_are_those_of_transformers_processor_bit_for_bit(reference):
    (sample,) = SAMPLES.rglob(f"{reference.stem}.jpg")

    got = preprocess.pixels(Image.open(sample).convert("RGB"), 224, "bicubic")

    assert (got == np.asarray(Image.open(reference))).all()
