"""Files of every format become the same upright RGB image."""

import io
import re
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageCms, ImageOps

from image_search import preprocess
from image_search.formats import FORMATS, ContentType
from tests.unit.images import encoded, noise, photo


def decoded(data):
    got = preprocess.decode(data)
    assert got.image.mode == "RGB"
    return np.asarray(got.image)


def one_pixel(data):
    return tuple(int(value) for value in decoded(data)[0, 0])


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP", "WEBP", "GIF", "AVIF", "JPEG"])
def test_every_format_decodes(kind):
    image = photo(64, 48)
    lossless = {"lossless": True} if kind == "WEBP" else {}

    got = preprocess.decode(encoded(image, kind, **lossless))

    off = np.abs(np.asarray(got.image, float) - np.asarray(image)).mean()
    assert off < {"PNG": 0.01, "TIFF": 0.01, "BMP": 0.01, "WEBP": 0.01}.get(kind, 12)
    assert got.content_type == f"image/{kind.lower()}"
    assert (got.width, got.height) == (64, 48)


# Four colours, one in each corner.
UPRIGHT = Image.fromarray(
    np.array([[[250, 0, 0], [0, 250, 0]], [[0, 0, 250], [250, 250, 0]]], np.uint8)
).resize((96, 64), Image.Resampling.NEAREST)
_TURNS = Image.Transpose
# How a camera that was held so stores the upright image.
STORED = {
    1: UPRIGHT,
    2: UPRIGHT.transpose(_TURNS.FLIP_LEFT_RIGHT),
    3: UPRIGHT.transpose(_TURNS.ROTATE_180),
    4: UPRIGHT.transpose(_TURNS.FLIP_TOP_BOTTOM),
    5: UPRIGHT.transpose(_TURNS.TRANSPOSE),
    6: UPRIGHT.transpose(_TURNS.ROTATE_90),
    7: UPRIGHT.transpose(_TURNS.TRANSVERSE),
    8: UPRIGHT.transpose(_TURNS.ROTATE_270),
}


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "AVIF"])
def test_every_orientation_comes_out_upright(orientation, kind):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation

    got = preprocess.decode(encoded(STORED[orientation], kind, exif=exif))

    assert (got.width, got.height) == got.image.size == (96, 64)
    assert np.abs(np.asarray(got.image, float) - np.asarray(UPRIGHT)).mean() < 10


def test_a_webp_is_not_turned_because_browsers_do_not():
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6

    got = preprocess.decode(encoded(STORED[6], "WEBP", exif=exif))

    assert (got.width, got.height) == got.image.size == STORED[6].size


def test_a_large_turned_jpeg_reports_its_full_size_and_has_nearly_the_same_pixels():
    image = photo(1600, 1200)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    data = encoded(image, "JPEG", quality=90, exif=exif)

    got = preprocess.decode(data)

    assert (got.width, got.height) == (1200, 1600)
    assert 512 <= min(got.image.size) < 1024
    full = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    reduced = preprocess.pixels(got.image, 224, "bicubic").astype(float)
    assert np.abs(reduced - preprocess.pixels(full, 224, "bicubic")).mean() < 1


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize(
    ("alpha", "expected"), [(0, (255, 255, 255)), (255, (200, 0, 0)), (128, (227, 127, 127))]
)
def test_transparency_is_on_white(kind, alpha, expected):
    image = Image.new("RGBA", (16, 16), (200, 0, 0, alpha))
    exact = {"WEBP": {"lossless": True}, "AVIF": {"quality": 100}}.get(kind, {})

    assert one_pixel(encoded(image, kind, **exact)) == pytest.approx(expected, abs=3)


@pytest.mark.parametrize(
    ("image", "options", "expected"),
    [
        (Image.new("L", (4, 4), 77), {}, 77),
        (Image.new("LA", (4, 4), (77, 255)), {}, 77),
        (Image.new("LA", (4, 4), (77, 0)), {}, 255),
        (Image.new("1", (4, 4), 1), {}, 255),
        (Image.new("1", (4, 4), 0), {}, 0),
        (Image.new("L", (4, 4), 77), {"transparency": 77}, 255),
        (Image.new("L", (4, 4), 77).convert("P"), {"transparency": 77}, 255),
    ],
    ids=["L", "LA", "LA clear", "white bit", "black bit", "L clear", "P clear"],
)
def test_grey_becomes_rgb(image, options, expected):
    assert one_pixel(encoded(image, "PNG", **options)) == (expected,) * 3


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
    "data",
    [
        tiff((RAMP * 65535).astype(np.uint16)),
        tiff(((1 - RAMP) * 65535).astype(np.uint16), white_is_zero=True),
        tiff((RAMP * 4095).astype(np.uint16)),
        tiff((RAMP * 1023).astype(np.uint16)),
        tiff(((1 - RAMP) * 4095).astype(np.uint16), white_is_zero=True),
        tiff(RAMP.astype(np.float32)),
        tiff((RAMP * 255).astype(np.float32)),
        tiff((RAMP * 9e6 - 2e6).astype(np.float32)),
        tiff((RAMP * 2e9 - 1e9).astype(np.int32)),
    ],
    ids=[
        "16 bits",
        "16 bits, white is zero",
        "12 bits in 16",
        "10 bits in 16",
        "12 bits, white is zero",
        "float to 1",
        "float to 255",
        "float of any range",
        "32 bits with a sign",
    ],
)
def test_scientific_images_go_from_black_to_white(data):
    assert np.abs(decoded(data)[..., 0] - RAMP * 255).mean() < 1


def test_values_that_are_no_numbers_are_black():
    values = RAMP.astype(np.float32)
    values[:5, 40] = np.nan
    values[5:9, 40] = np.inf

    assert np.abs(decoded(tiff(values))[9:, :, 0] - RAMP[9:] * 255).mean() < 1


def test_a_palette_s_colours_are_kept():
    image = Image.new("RGB", (4, 4), (10, 200, 30)).quantize(4)

    assert one_pixel(encoded(image)) == (10, 200, 30)


def test_cmyk_becomes_rgb():
    image = Image.new("CMYK", (16, 16), (0, 255, 255, 0))

    assert one_pixel(encoded(image, "TIFF")) == (255, 0, 0)
    assert one_pixel(encoded(image, "JPEG")) == pytest.approx((255, 0, 0), abs=3)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "MPO"])
def test_of_several_images_in_one_file_the_first_is_taken(kind):
    red, blue = (Image.new("RGB", (16, 16), colour) for colour in ("red", "blue"))
    data = encoded(red, kind, save_all=True, append_images=[blue])

    assert one_pixel(data) == pytest.approx((255, 0, 0), abs=3)


def test_an_embedded_colour_profile_is_applied():
    # A gamma of 1 in place of sRGB's: the same numbers mean lighter colours.
    grey = Image.new("RGB", (8, 8), (64, 64, 64))

    got = preprocess.decode(encoded(grey, icc_profile=_linear_profile()))

    red, green, blue = got.image.getpixel((4, 4))
    assert all(abs(value - 137) <= 2 for value in (red, green, blue))


def test_a_squashed_image_keeps_all_of_itself():
    image = photo(300, 100)

    squashed = preprocess.pixels(image, 32, "bilinear", "squash")

    expected = image.resize((32, 32), Image.Resampling.BILINEAR)
    assert (squashed == np.asarray(expected)).all()


def _linear_profile():
    """A matrix profile with sRGB's primaries and a linear tone curve."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for tag in (b"rTRC", b"gTRC", b"bTRC"):
        entry = profile.index(tag)
        offset = int.from_bytes(profile[entry + 4 : entry + 8], "big")
        profile[offset : offset + 12] = b"curv" + bytes(8)  # no entries: gamma 1
    return bytes(profile).replace(b"sRGB", b"line")


@pytest.mark.parametrize("height", [1, 255, 256, 257, 700])
def test_transparency_is_the_same_in_every_strip(height):
    image = noise(9, height, "RGBA")
    white = Image.new("RGBA", image.size, "white")

    got = decoded(encoded(image)).astype(int)

    expected = np.asarray(Image.alpha_composite(white, image).convert("RGB")).astype(int)
    assert np.abs(got - expected).max() <= 1


def test_the_api_and_the_page_offer_the_formats_that_are_decoded():
    page = (Path(__file__).parents[2] / "web" / "index.html").read_text()
    types = {Image.MIME[name] for name in FORMATS} | {"image/heic", "image/heif"}

    assert set(get_args(ContentType)) == types | {"image/x-raw"}
    choosers = re.findall(r'accept="([^"]+)"', page)
    assert [set(accepted.split(",")) for accepted in choosers] == [types, types]
