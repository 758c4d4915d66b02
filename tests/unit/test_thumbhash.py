"""The same hash as the reference implementation."""

import pytest
import thumbhash as reference
from PIL import Image

from image_search.thumbhash import thumbhash
from tests.unit.images import noise, photo


def expected(image):
    rgba = list(image.convert("RGBA").tobytes())
    return bytes(reference.rgba_to_thumb_hash(*image.size, rgba))


def nibbles(data):
    return [half for byte in data for half in (byte & 15, byte >> 4)]


@pytest.mark.parametrize("size", [(32, 32), (32, 20), (20, 32), (31, 7), (3, 32), (8, 5)])
@pytest.mark.parametrize("make", [noise, photo])
def test_the_hash_is_the_reference_s(size, make):
    image = make(*size)

    assert thumbhash(image) == expected(image)


# Terms of exactly zero may be rounded either way: half of 15 is no whole number.
@pytest.mark.parametrize("size", [(32, 1), (1, 32), (2, 1)])
def test_images_one_pixel_wide_differ_in_rounding_only(size):
    image = noise(*size)

    got, wanted = thumbhash(image), expected(image)

    assert got[:5] == wanted[:5]
    assert len(got) == len(wanted)
    apart = [abs(a - b) for a, b in zip(nibbles(got), nibbles(wanted), strict=True)]
    assert max(apart) <= 1


# Their terms are noise times a scale of zero, in the reference too.
@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (10, 200, 30)])
@pytest.mark.parametrize("size", [(32, 32), (1, 1)])
def test_a_flat_image_has_the_reference_s_colour_and_size(colour, size):
    image = Image.new("RGB", size, colour)

    assert thumbhash(image)[:5] == expected(image)[:5]
    assert len(thumbhash(image)) == len(expected(image))


def test_a_large_image_is_hashed_as_its_small_copy_and_not_changed():
    image = photo(400, 300)

    hashed = thumbhash(image)

    assert image.size == (400, 300)
    small = expected(image.resize((32, 24), Image.Resampling.BOX))
    apart = [abs(a - b) for a, b in zip(nibbles(hashed), nibbles(small), strict=True)]
    assert max(apart) <= 1
