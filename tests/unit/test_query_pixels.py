"""Requests whose images are small as files and huge as pixels are refused before they are decoded.

They are asked in a process of their own, whose memory is limited.
"""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from image_search.errors import TooManyQueryPixelsError
from image_search.query_images import MAX_INLINE_PIXELS, MAX_QUERY_PIXELS, PixelBudget
from tests.fuzz.hostile import many_scans
from tests.unit.images import encoded, noise
from tests.unit.test_search_problems import problem

# Decodes the images of a query as the searcher does, and tells why it did not.
SCRIPT = """
import pathlib, resource, sys
from image_search import query_images
from image_search.errors import TooManyQueryPixelsError
from image_search.preprocess import Crop
from image_search.query import Inline
start = int(pathlib.Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
limit = start + 400 * 2**20  # decoding one image of 8000 × 8000 takes more
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
crops = [None, Crop(0, 0, 0.5, 0.5)]
images = [pathlib.Path(name).read_bytes() for name in sys.argv[1:]]
terms = [Inline(image, 1, crop) for image in images for crop in crops]
try:
    for _ in query_images.decoded(terms, None):
        pass
except TooManyQueryPixelsError as error:
    # The peak of this program alone: getrusage would count the process that started it.
    status = pathlib.Path("/proc/self/status").read_text()
    print("refused", int(status.partition("VmHWM:")[2].split()[0]) // 1024)
"""
FORMATS = ("WEBP", "PNG", "GIF", "BMP", "TIFF", "AVIF")


def bomb(kind: str, side: int) -> bytes:
    """An image of one colour, which takes few bytes and many pixels."""
    options = {
        "TIFF": {"compression": "tiff_deflate"},
        "AVIF": {"speed": 10},
        "WEBP": {"method": 0},
    }
    mode = "L" if kind in ("GIF", "BMP", "AVIF") else "RGB"
    return encoded(Image.new(mode, (side, side), 200), kind, **options.get(kind, {}))


@pytest.mark.parametrize("kinds", [*((kind,) for kind in FORMATS), ("PNG", "WEBP", "GIF", "TIFF")])
def test_images_of_too_many_pixels_are_refused_within_little_memory(
    kinds: tuple[str, ...], tmp_path: Path
) -> None:
    names = []
    for number, kind in enumerate(kinds):
        names.append(str(tmp_path / f"{number}"))
        side = 3000 if len(kinds) > 1 else 5000
        Path(names[-1]).write_bytes(bomb(kind, side))

    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *names], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    word, megabytes = done.stdout.split()
    assert word == "refused"
    assert int(megabytes) < 600


def test_the_problem_names_the_remedy(api) -> None:
    image = base64.b64encode(bomb("PNG", 4500)).decode()

    answer = api.post("/api/search", {"terms": [{"image": image}] * 8})

    assert problem(answer) == (413, "too-many-pixels")
    assert "send smaller copies" in answer.body["detail"]


def test_a_large_photograph_counts_as_many_pixels_as_are_decoded(api) -> None:
    """JPEG is decoded at a reduced scale."""
    image = base64.b64encode(encoded(noise(5200, 3900), "JPEG", quality=10)).decode()

    assert api.post("/api/search", {"terms": [{"image": image}]}).status == 200


def test_the_scans_of_a_jpeg_count_though_few_pixels_are_decoded(api) -> None:
    """Each goes through the whole image: 90 of 64 megapixels take three seconds."""
    scans = many_scans((3000, 3000), 90)

    def search(*images: bytes) -> int:
        terms = [{"image": base64.b64encode(image).decode()} for image in images]
        return api.post("/api/search", {"terms": terms}).status

    assert (search(scans), search(scans, scans), search(scans, scans + b"\0")) == (200, 200, 413)


def test_a_part_of_a_large_stored_image_is_searched_by(api) -> None:
    api.world.images.put("large", bomb("PNG", 4500))

    assert api.get("/api/search", key="large", crop="0,0,0.5,0.5").status == 200


@pytest.mark.parametrize(
    ("images", "stored"), [([MAX_INLINE_PIXELS], False), ([MAX_QUERY_PIXELS // 2] * 2, True)]
)
def test_the_limits_are_for_all_images_together(images: list[int], stored: bool) -> None:
    budget = PixelBudget()
    for pixels in images:
        budget.take(pixels, stored=stored)

    with pytest.raises(TooManyQueryPixelsError):
        budget.take(1, stored=stored)
