"""The pixels of the model, thumbnails and previews."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from image_search import decoding, preprocess
from tests.unit.images import encoded, noise

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

    decoded = decoding.decode(encoded(noise(*size)))
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
    assert decoding.decode(preprocess.webp(small)).content_type == "image/webp"


@pytest.mark.parametrize("reference", sorted(REFERENCE.glob("*.png")), ids=lambda path: path.stem)
def test_pixels_are_those_of_transformers_processor_bit_for_bit(reference):
    (sample,) = SAMPLES.rglob(f"{reference.stem}.jpg")

    got = preprocess.pixels(Image.open(sample).convert("RGB"), 224, "bicubic")

    assert (got == np.asarray(Image.open(reference))).all()
