"""Small files with many pixels are refused before they are decoded."""

import base64
import json
import subprocess
import sys

import pytest
from PIL import Image

from image_search import query_images
from image_search.errors import TooManyQueryPixelsError
from image_search.query_images import MAX_INLINE_PIXELS, MAX_QUERY_PIXELS, PixelBudget
from tests.fuzz.hostile import many_scans
from tests.unit.api import problem
from tests.unit.images import encoded, flat

# Decodes groups of images as a query does, in little memory, and reports the most that it took.
SCRIPT = """
import json, pathlib, resource, sys
from image_search import query_images
from image_search.errors import TooManyQueryPixelsError
from image_search.decoding import Crop
from image_search.query import Inline
start = int(pathlib.Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
limit = start + 400 * 2**20  # decoding one image of 8000 × 8000 takes more
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
refused = []
for group in json.loads(sys.argv[1]):
    images = [pathlib.Path(name).read_bytes() for name in group]
    crops = [None, Crop(0, 0, 0.5, 0.5)]
    try:
        list(query_images.decoded([Inline(i, 1, crop) for i in images for crop in crops], None))
    except TooManyQueryPixelsError:
        refused.append(group)
# The peak of this program alone: getrusage would count the process that started it.
status = pathlib.Path("/proc/self/status").read_text()
print(json.dumps([refused, int(status.partition("VmHWM:")[2].split()[0]) // 1024]))
"""
BOMBS = {
    "WEBP": {"method": 0},
    "PNG": {},
    "GIF": {},
    "BMP": {},
    "TIFF": {"compression": "tiff_deflate"},
    "AVIF": {"speed": 10},
}


def test_images_of_too_many_pixels_are_refused_within_little_memory(tmp_path):
    def bomb(kind, side):
        """The file of an image of one colour, which takes few bytes and many pixels."""
        image = Image.new("L" if kind in ("GIF", "BMP", "AVIF") else "RGB", (side, side), 200)
        file = tmp_path / f"{side}.{kind}"
        file.write_bytes(encoded(image, kind, **BOMBS[kind]))
        return str(file)

    assert 4001**2 > MAX_INLINE_PIXELS < 4 * 2001**2
    groups = [[bomb(kind, 4001)] for kind in BOMBS]
    groups.append([bomb(kind, 2001) for kind in ("PNG", "WEBP", "GIF", "TIFF")])

    command = [sys.executable, "-c", SCRIPT, json.dumps(groups)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    refused, megabytes = json.loads(done.stdout)
    assert refused == groups
    assert megabytes < 600


def search(api, *images):
    terms = [{"image": base64.b64encode(image).decode()} for image in images]
    return api.post("/api/search", {"terms": terms})


def test_the_limit_is_for_images_in_the_request_and_its_problem_names_the_remedy(api, monkeypatch):
    monkeypatch.setattr(query_images, "MAX_INLINE_PIXELS", 8 * 6 - 1)

    answer = search(api, flat())

    assert problem(answer) == (413, "too-many-pixels")
    assert "send smaller copies" in answer.body["detail"]
    assert api.get("/api/search", key="red", crop="0,0,0.5,0.5").status == 200


def test_a_large_photograph_counts_as_many_pixels_as_are_decoded(api):
    """JPEG is decoded at a reduced scale."""
    assert search(api, encoded(Image.new("RGB", (4800, 3600)), "JPEG")).status == 200


def test_the_scans_of_a_jpeg_count_like_pixels(api, monkeypatch):
    """Each goes through the whole image: 90 of 64 megapixels take three seconds."""
    monkeypatch.setattr(query_images, "MAX_INLINE_PIXELS", 200_000)
    scans = many_scans((300, 300), 90)

    answers = [search(api, scans), search(api, scans, scans), search(api, scans, scans + b"\0")]

    assert [answer.status for answer in answers] == [200, 200, 413]


@pytest.mark.parametrize(
    ("images", "stored"), [([MAX_INLINE_PIXELS], False), ([MAX_QUERY_PIXELS // 2] * 2, True)]
)
def test_the_limits_are_for_all_images_together(images, stored):
    budget = PixelBudget()
    for pixels in images:
        budget.take(pixels, stored=stored)

    with pytest.raises(TooManyQueryPixelsError):
        budget.take(1, stored=stored)
