"""Images that are the same to a model are duplicates only if their pixels agree."""

import base64
import random
from itertools import combinations
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from image_search import decoding
from image_search.pixel_likeness import alike_in_pixels
from image_search.thumbhash import thumbhash
from model.ranges import copies
from tests.unit.images import photo

NEAR = 0.99  # the cosine that a model may give to any two documents
SAMPLES = Path(__file__).parents[2] / "samples"
PHOTOGRAPHS = ("animals/cat-chelsea.jpg", "space/earthrise.jpg", "animals/red-panda.jpg")
WORDS = ["the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog", "and", "runs", "away"]


def looked_at(image):
    return base64.b64encode(thumbhash(image)).decode()


def same(one, other, cosine=NEAR):
    return alike_in_pixels(looked_at(one), looked_at(other), cosine)


def page(seed, size, paper, ink):
    """A letter on paper, or a terminal."""
    image, words = Image.new("RGB", size, paper), random.Random(seed)
    pen = ImageDraw.Draw(image)
    for line in range(words.randint(15, 40)):
        text = " ".join(words.choices(WORDS, k=words.randint(4, 14)))
        pen.text((40, 30 + 16 * line), text, fill=ink)
    return image


def letter(seed):
    return page(seed, (620, 877), "white", "black")


def chart(heights):
    image = Image.new("RGB", (640, 480), "white")
    for number, height in enumerate(heights):
        left = 60 + 90 * number
        ImageDraw.Draw(image).rectangle((left, 440 - height, left + 60, 440), fill="steelblue")
    return image


@pytest.mark.parametrize("kind", range(4), ids=["JPEG", "half", "mirrored", "cropped"])
@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_a_copy_of_a_photograph_is_the_same_image(name, kind):
    original = decoding.decode((SAMPLES / name).read_bytes()).image
    original.thumbnail((640, 640))

    assert same(original, copies(original)[kind], cosine=0.9)


def different(images):
    return not any(same(one, other) for one, other in combinations(images, 2))


def test_different_photographs_are_different_images():
    assert different([decoding.decode((SAMPLES / name).read_bytes()).image for name in PHOTOGRAPHS])


@pytest.mark.parametrize(
    ("size", "paper", "ink"), [((620, 877), "white", "black"), ((800, 700), "black", "lightgreen")]
)
def test_different_pages_of_text_are_different_images(size, paper, ink):
    assert different([page(seed, size, paper, ink) for seed in range(8)])


def test_different_charts_are_different_images():
    heights = [
        [300, 20, 60, 100, 40, 80],
        [20, 60, 100, 140, 250, 380],
        [200, 380, 20, 30, 250, 50],
    ]

    assert different([chart(bars) for bars in heights])


def test_the_same_page_and_a_chart_that_was_saved_again_are_the_same_images():
    original = chart([380, 340, 300, 60, 40, 20])

    assert same(letter(1), letter(1), cosine=1.0)
    assert same(original, copies(original)[0])


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("blue", "yellow", False), ("blue", "navy", False), ("blue", "blue", True)],
)
def test_plain_colours_are_the_same_image_only_if_they_are_equal(one, other, expected):
    images = [Image.new("RGB", (300, 200), colour) for colour in (one, other)]

    assert same(*images, cosine=1.0) is expected


def test_a_turned_image_is_another():
    upright = photo(120, 80)

    assert not same(upright, upright.transpose(Image.Transpose.ROTATE_90))
