"""A part of an image, cut from it upright and in full detail."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image

from image_search import color
from image_search.decoding import Crop, decode, decode_parts
from image_search.errors import EmptyCropError
from tests.fuzz.corpus import OTHER_PROFILE
from tests.unit.images import encoded, noise


def test_a_crop_is_that_part_of_the_image():
    image = noise(40, 30)

    decoded = decode(encoded(image), Crop(0.25, 0.5, 0.5, 0.5))

    assert np.array_equal(np.asarray(decoded.image), np.asarray(image.crop((10, 15, 30, 30))))
    assert (decoded.width, decoded.height) == (40, 30)


def test_a_crop_is_of_the_image_as_it_is_seen():
    image = noise(40, 30)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6  # turned by a quarter, clockwise

    decoded = decode(encoded(image, exif=exif), Crop(0, 0, 1, 0.5))

    upright = image.transpose(Image.Transpose.ROTATE_270)
    assert np.array_equal(np.asarray(decoded.image), np.asarray(upright.crop((0, 0, 30, 20))))


@pytest.mark.parametrize(
    ("crops", "modes"),
    [
        ([Crop(0, 0, 0.5, 0.5), Crop(0.5, 0, 0.5, 0.5)], ["RGBA", "RGBA"]),
        ([Crop(0, 0, 0.9, 0.9), None, Crop(0.1, 0, 0.9, 0.9)], ["RGBA", "RGB", "RGB", "RGB"]),
    ],
    ids=["apart", "overlapping"],
)
def test_the_colours_of_parts_that_overlap_are_converted_once(crops, modes, monkeypatch):
    data = encoded(noise(40, 30, "RGBA"), icc_profile=OTHER_PROFILE)
    alone = [np.asarray(decode(data, crop).image) for crop in crops]
    converted, to_srgb = [], color.to_srgb
    monkeypatch.setattr(
        color, "to_srgb", lambda image, *more: converted.append(image.mode) or to_srgb(image, *more)
    )

    together = [np.asarray(part.image) for part in decode_parts(data, crops)]

    assert converted == modes
    assert all(np.array_equal(one, other) for one, other in zip(alone, together, strict=True))


@pytest.mark.parametrize("part", [1.0, 0.5, 0.25])
def test_a_part_of_a_large_jpeg_is_decoded_as_finely_as_a_whole_one(part):
    large = encoded(Image.new("RGB", (4000, 3000)), "JPEG")

    decoded = decode(large, Crop(0, 0, part, part))

    assert 512 <= min(decoded.image.size) <= 1024


@pytest.mark.parametrize("crop", [Crop(0, 0, 0.01, 1), Crop(0.5, 0.5, 1, 0.001)])
def test_a_crop_of_less_than_a_pixel_is_refused(crop):
    with pytest.raises(EmptyCropError, match="40 × 30"):
        decode(encoded(noise(40, 30)), crop)


fractions = st.floats(0, 1)


@given(fractions, fractions, fractions, fractions)
def test_the_box_of_a_crop_is_inside_the_image(left, right, top, bottom):
    x, y = min(left, right), min(top, bottom)
    crop = Crop(x, y, abs(left - right), abs(top - bottom))

    try:
        left, top, right, bottom = crop.box((97, 13))
    except EmptyCropError:
        assert min(crop.width * 97, crop.height * 13) < 1.5
    else:
        assert 0 <= left < right <= 97
        assert 0 <= top < bottom <= 13
