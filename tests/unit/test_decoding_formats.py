"""Files of every format become the same upright RGB image."""

import io
import re
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageOps

from image_search import decoding, preprocess
from image_search.formats import FORMATS, ContentType
from tests.unit.images import encoded, noise, photo


def decoded(data):
    got = decoding.decode(data)
    assert got.image.mode == "RGB"
    return np.asarray(got.image)


def one_pixel(data):
    return tuple(int(value) for value in decoded(data)[0, 0])


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP", "WEBP", "GIF", "AVIF", "JPEG"])
def test_every_format_decodes(kind):
    image = photo(64, 48)
    lossless = {"lossless": True} if kind == "WEBP" else {}

    got = decoding.decode(encoded(image, kind, **lossless))

    off = np.abs(np.asarray(got.image, float) - np.asarray(image)).mean()
    assert off < {"PNG": 0.01, "TIFF": 0.01, "BMP": 0.01, "WEBP": 0.01}.get(kind, 12)
    assert got.content_type == f"image/{kind.lower()}"
    assert (got.width, got.height) == (64, 48)


@pytest.mark.parametrize(
    ("orientation", "stored"), [(3, Image.Transpose.ROTATE_180), (6, Image.Transpose.ROTATE_90)]
)
def test_a_turned_tiff_comes_out_upright(orientation, stored):
    upright, exif = photo(96, 64), Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation

    got = decoding.decode(encoded(upright.transpose(stored), "TIFF", exif=exif))

    assert (got.width, got.height) == (96, 64)
    assert np.array_equal(np.asarray(got.image), np.asarray(upright))


def test_a_large_turned_jpeg_reports_its_full_size_and_has_nearly_the_same_pixels():
    image = photo(1600, 1200)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    data = encoded(image, "JPEG", quality=90, exif=exif)

    got = decoding.decode(data)

    assert (got.width, got.height) == (1200, 1600)
    assert 512 <= min(got.image.size) < 1024
    full = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    reduced = preprocess.pixels(got.image, 224, "bicubic").astype(float)
    assert np.abs(reduced - preprocess.pixels(full, 224, "bicubic")).mean() < 1


@pytest.mark.parametrize(
    ("deep", "grey"), [(0, 0), (513, 2), (32896, 128), (65024, 253), (65535, 255)]
)
@pytest.mark.parametrize(("kind", "mode"), [("PNG", "I;16"), ("TIFF", "I;16"), ("TIFF", "I;16B")])
def test_sixteen_bits_of_grey_become_eight(deep, grey, kind, mode):
    order = ">" if mode.endswith("B") else "<"
    values = np.full((4, 4), deep, f"{order}u2")
    values[3, 3] = 65535
    image = Image.frombytes(mode, (4, 4), values.tobytes())

    assert one_pixel(encoded(image, kind)) == (grey, grey, grey)


def tiff(values, *, white_is_zero=False):
    tags = {262: 0} if white_is_zero else {}
    return encoded(Image.fromarray(values), "TIFF", tiffinfo=tags)


RAMP = np.tile(np.linspace(0, 1, 64), (48, 1))


@pytest.mark.parametrize(
    ("values", "kind", "white_is_zero"),
    [
        *((RAMP * (2**bits - 1), np.uint16, False) for bits in (10, 12, 16)),
        *(((1 - RAMP) * (2**bits - 1), np.uint16, True) for bits in (12, 16)),
        *((values, np.float32, False) for values in (RAMP, RAMP * 255, RAMP * 9e6 - 2e6)),
        (RAMP * 2e9 - 1e9, np.int32, False),
    ],
)
def test_scientific_images_go_from_black_to_white(values, kind, white_is_zero):
    data = tiff(values.astype(kind), white_is_zero=white_is_zero)

    assert np.abs(decoded(data)[..., 0] - RAMP * 255).mean() < 1


def test_values_that_are_no_numbers_are_black():
    values = RAMP.astype(np.float32)
    values[:5, 40] = np.nan
    values[5:9, 40] = np.inf

    assert np.abs(decoded(tiff(values))[9:, :, 0] - RAMP[9:] * 255).mean() < 1


def test_the_cmyk_of_a_tiff_becomes_rgb():
    assert one_pixel(encoded(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "TIFF")) == (255, 0, 0)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "MPO"])
def test_of_several_images_in_one_file_the_first_is_taken(kind):
    red, blue = (Image.new("RGB", (16, 16), colour) for colour in ("red", "blue"))
    data = encoded(red, kind, save_all=True, append_images=[blue])

    assert one_pixel(data) == pytest.approx((255, 0, 0), abs=3)


def test_a_squashed_image_keeps_all_of_itself():
    image = photo(300, 100)

    squashed = preprocess.pixels(image, 32, "bilinear", "squash")

    expected = image.resize((32, 32), Image.Resampling.BILINEAR)
    assert (squashed == np.asarray(expected)).all()


@pytest.mark.parametrize("height", [1, 255, 256, 257, 700])
@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGBA"), ("PNG", "LA"), ("TIFF", "RGBA")])
def test_transparency_is_on_white_in_every_strip(kind, mode, height):
    image = noise(9, height, mode)
    white = Image.new("RGBA", image.size, "white")

    got = decoded(encoded(image, kind)).astype(int)

    expected = np.asarray(
        Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")
    ).astype(int)
    assert np.abs(got - expected).max() <= 1


def test_the_api_and_the_page_offer_the_formats_that_are_decoded():
    page = (Path(__file__).parents[2] / "web" / "index.html").read_text()
    types = {Image.MIME[name] for name in FORMATS} | {"image/heic", "image/heif"}

    assert set(get_args(ContentType)) == types | {"image/x-raw"}
    choosers = re.findall(r'accept="([^"]+)"', page)
    assert [set(accepted.split(",")) for accepted in choosers] == [types, types]
