"""Colours have the names that people give them."""

import numpy as np
import pytest
from PIL import Image

from image_search.colors import COLORS, MIN_SHARE, dominant_colors, to_lab
from tests.unit.lambdas import ROOT

# What CSS calls brown is a dark red.
CSS = {"brown": "saddlebrown"}


def flat(color, size=(64, 48)):
    return Image.new("RGB", size, color)


SHADES = {
    "blue": ["navy", "skyblue"],
    "red": ["darkred", "crimson"],
    "green": ["forestgreen", "olivedrab", "lime"],
    "turquoise": ["teal", "cyan"],
    "yellow": ["gold"],
    "orange": ["coral", "chocolate"],
    "brown": ["sienna"],
    "purple": ["indigo", "violet"],
    "pink": ["hotpink"],
    "gray": ["silver", "dimgray"],
    "white": ["snow"],
    "black": [(12, 12, 14)],
}


@pytest.mark.parametrize("name", COLORS)
def test_a_flat_colour_has_one_name(name):
    for shade in (CSS.get(name, name), *SHADES[name]):
        assert dominant_colors(flat(shade)) == (name,)


# Relative to D65; the values of the primaries: http://www.brucelindbloom.com/?ColorCalculator.html
@pytest.mark.parametrize(
    ("rgb", "lab"),
    [
        ((255, 255, 255), (100, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
        ((128, 128, 128), (53.585, 0, 0)),
        ((50, 50, 50), (20.788, 0, 0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 255, 0), (87.74, -86.18, 83.18)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
        ((1, 1, 1), (0.274, 0, 0)),
    ],
)
def test_cielab_is_that_of_the_tables(rgb, lab):
    assert np.allclose(to_lab(np.array([rgb], np.float32)), [lab], atol=0.02)


@pytest.mark.parametrize(
    ("part", "names"), [(0.3, ("blue", "red")), (0.7, ("red", "blue")), (0.04, ("blue",))]
)
def test_colours_are_named_by_their_share(part, names):
    image = flat("blue", (100, 50))
    image.paste(flat("red", (round(100 * part), 50)), (0, 0))

    assert dominant_colors(image) == names


def test_a_share_of_exactly_a_tenth_is_enough():
    image = flat("white", (10, 10))
    image.paste("red", (0, 0, 10, 1))

    assert dominant_colors(image) == ("white", "red")


def test_a_gradient_has_the_names_of_its_ends_and_its_middle():
    ramp = np.linspace(0, 255, 256).astype(np.uint8)
    image = Image.fromarray(np.stack([np.tile(ramp, (32, 1))] * 3, axis=2))

    assert set(dominant_colors(image)) == {"black", "gray", "white"}


@pytest.mark.parametrize("size", [(1, 1), (1, 4000), (4000, 1), (3, 2)])
def test_images_of_any_shape_have_colours(size):
    assert dominant_colors(flat("green", size)) == ("green",)


def test_an_image_of_every_colour_may_have_no_dominant_one():
    assert len(COLORS) * MIN_SHARE > 1
    strips = Image.new("RGB", (48, 48))
    for number, name in enumerate(COLORS):
        strips.paste(flat(CSS.get(name, name), (4, 48)), (4 * number, 0))

    assert dominant_colors(strips) == ()


@pytest.mark.parametrize(
    ("sample", "names"),
    [
        ("plants/flower-tulips.jpg", {"pink", "green"}),
        ("plants/flowers-blue.jpg", {"blue"}),
        ("plants/flower-hibiscus.jpg", {"red"}),
        ("food/fig-in-red-bowl.jpg", {"red", "gray"}),
        ("landscapes/desert-dune-hikers.jpg", {"orange", "blue"}),
        ("landscapes/waterfall-green-cliff.jpg", {"green"}),
        ("animals/cat-with-yarn.jpg", {"pink"}),
        ("textures/gravel.jpg", {"gray"}),
        ("space/mars-surface.jpg", {"brown"}),
        ("space/galaxies-hubble-deep-field.jpg", {"black"}),
    ],
)
def test_photographs_have_the_colours_that_one_sees(sample, names):
    with Image.open(ROOT / "samples" / sample) as image:
        assert names <= set(dominant_colors(image.convert("RGB")))
