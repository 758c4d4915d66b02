"""How Chromium shows each kind of image: `python -m tests.unit.renderings` asks it again.

They are kept as one image of 64 × 64 pixels each, below one another, and their sizes as JSON.
"""

from __future__ import annotations

import base64
import io
import json
from functools import cache
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.unit.kinds import shown

SIDE = 64
_SHEET = Path(__file__).with_name("data") / "renderings.webp"
_SIZES = _SHEET.with_suffix(".json")
_CHROMIUM = "/usr/bin/chromium"
_TYPES = {b"\xff\xd8": "jpeg", b"\x89P": "png", b"RI": "webp", b"GI": "gif", b"BM": "bmp"}
_DRAW = """async (url) => {
  const image = new Image();
  image.src = url;
  await image.decode().catch(() => new Promise((done) => setTimeout(done, 200))); // cut off
  if (!image.naturalWidth) return null;
  document.body.append(image);
  await new Promise((done) => requestAnimationFrame(done));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  const context = canvas.getContext("2d", { colorSpace: "srgb" });
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0);
  image.remove();
  return canvas.toDataURL();
}"""


def small(image: Image.Image) -> Image.Image:
    """The files that are compared."""
    return image.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BOX)


@cache
def sizes() -> dict[str, list[int]]:
    """Width and height of each kind, by name."""
    return dict(json.loads(_SIZES.read_text()))


@cache
def renderings() -> dict[str, tuple[tuple[int, int], Image.Image]]:
    """Size and small image of each kind, by name."""
    sheet = Image.open(_SHEET)
    return {
        name: (tuple(size), sheet.crop((0, n * SIDE, SIDE, (n + 1) * SIDE)))
        for n, (name, size) in enumerate(sizes().items())
    }


def main() -> None:
    """Ask Chromium, and keep its answers."""
    flags = ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=flags)
        page = browser.new_page()
        drawn = {name: _drawn(page.evaluate(_DRAW, _url(data))) for name, data in shown().items()}
        browser.close()
    sheet = Image.new("RGB", (SIDE, SIDE * len(drawn)))
    for place, image in enumerate(drawn.values()):
        sheet.paste(small(image), (0, place * SIDE))
    sheet.save(_SHEET, lossless=True, method=6)
    _SIZES.write_text(json.dumps({name: image.size for name, image in drawn.items()}, indent=1))


def _url(data: bytes) -> str:
    kind = _TYPES.get(data[:2], "avif")
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def _drawn(url: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))


if __name__ == "__main__":
    main()
