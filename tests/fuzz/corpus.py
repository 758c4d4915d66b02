"""Small files of every format and mode that is read, as Pillow writes them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from PIL import ExifTags, Image, ImageCms

from tests.unit import raws
from tests.unit.images import encoded, noise, photo
from tests.unit.kinds import HEIC

_RGB = photo(48, 36)
_GREY, _BITS, _PALETTE = _RGB.convert("L"), _RGB.convert("1"), _RGB.quantize(16)
_ALPHA = Image.merge("RGBA", [*_RGB.split(), noise(48, 36, "L")])
_GREY_ALPHA = Image.merge("LA", [_GREY, noise(48, 36, "L")])
_DEEP = _GREY.convert("I").point(lambda value: value * 257).convert("I;16")
_PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
# The same numbers, and nothing that says so: it has to be applied.
OTHER_PROFILE = _PROFILE.replace(b"sRGB", b"RGBs")
_COMPRESSIONS = ["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg", "zstd", "lzma"]


@cache
def corpus() -> dict[str, bytes]:
    """The files, by name."""
    parts = (
        *(_jpegs(), _pngs(), _webps(), _gifs(), _tiffs(), _bmps(), _avifs(), _turned()),
        *(_heics(), _raws()),
    )
    return {name: data for part in parts for name, data in part}


def _frames() -> dict[str, Any]:
    """Made anew each time: an image remembers how it was saved."""
    return {"save_all": True, "append_images": [_RGB.rotate(90), noise(48, 36)]}


def _jpegs() -> Iterator[tuple[str, bytes]]:
    yield "jpeg", encoded(_RGB, "JPEG")
    yield "jpeg progressive", encoded(_RGB, "JPEG", progressive=True)
    yield "jpeg cmyk", encoded(_RGB.convert("CMYK"), "JPEG")
    yield "jpeg grey", encoded(_GREY, "JPEG")
    yield "jpeg 4:4:4 with restarts", encoded(_RGB, "JPEG", subsampling=0, restart_marker_rows=1)
    yield "jpeg profile", encoded(_RGB, "JPEG", icc_profile=OTHER_PROFILE)
    yield "jpeg cmyk profile", encoded(_RGB.convert("CMYK"), "JPEG", icc_profile=OTHER_PROFILE)
    yield "jpeg broken profile", encoded(_RGB, "JPEG", icc_profile=b"no profile")
    yield "jpeg comment", encoded(_RGB, "JPEG", comment=b"<script>alert(1)</script>")
    yield "jpeg mpo", encoded(_RGB, "MPO", **_frames())


def _pngs() -> Iterator[tuple[str, bytes]]:
    images = {"1": _BITS, "8": _GREY, "16": _DEEP, "rgb": _RGB, "rgba": _ALPHA}
    for name, image in (images | {"grey alpha": _GREY_ALPHA, "palette": _PALETTE}).items():
        yield f"png {name}", encoded(image)
    yield "png palette alpha", encoded(_PALETTE, transparency=bytes(range(16)))
    yield "png one colour clear", encoded(_RGB, transparency=(1, 2, 3))
    yield "png 16 clear", encoded(_DEEP, transparency=513)
    yield "png profile", encoded(_RGB, icc_profile=OTHER_PROFILE)
    yield "png broken profile", encoded(_RGB, icc_profile=OTHER_PROFILE[:300])
    yield "png animated", encoded(_ALPHA, **_frames())


def _webps() -> Iterator[tuple[str, bytes]]:
    yield "webp", encoded(_RGB, "WEBP")
    yield "webp alpha", encoded(_ALPHA, "WEBP")
    yield "webp lossless", encoded(_ALPHA, "WEBP", lossless=True)
    yield "webp profile", encoded(_RGB, "WEBP", icc_profile=OTHER_PROFILE)
    yield "webp animated", encoded(_ALPHA, "WEBP", **_frames())


def _gifs() -> Iterator[tuple[str, bytes]]:
    yield "gif", encoded(_PALETTE, "GIF")
    yield "gif clear", encoded(_PALETTE, "GIF", transparency=3)
    yield "gif animated", encoded(_PALETTE, "GIF", **_frames(), disposal=2)


def _tiffs() -> Iterator[tuple[str, bytes]]:
    for compression in _COMPRESSIONS:
        yield f"tiff {compression}", encoded(_RGB, "TIFF", compression=compression)
    for compression in ("group3", "group4"):
        yield f"tiff {compression}", encoded(_BITS, "TIFF", compression=compression)
    images = {"1": _BITS, "8": _GREY, "16": _DEEP, "palette": _PALETTE, "rgba": _ALPHA}
    floats = {"32": _GREY.convert("I"), "float": _GREY.convert("F")}
    colours = {"cmyk": _RGB.convert("CMYK"), "ycbcr": _RGB.convert("YCbCr"), "la": _GREY_ALPHA}
    for name, image in (images | floats | colours).items():
        yield f"tiff {name}", encoded(image, "TIFF")
    yield "tiff big endian", encoded(_DEEP.convert("I;16B"), "TIFF")
    yield "tiff pages", encoded(_RGB.copy(), "TIFF", **_frames())
    yield "tiff profile", encoded(_RGB.convert("CMYK"), "TIFF", icc_profile=OTHER_PROFILE)


def _bmps() -> Iterator[tuple[str, bytes]]:
    for name, image in {"1": _BITS, "8": _GREY, "palette": _PALETTE, "rgb": _RGB}.items():
        yield f"bmp {name}", encoded(image, "BMP")
    yield "bmp rgba", encoded(_ALPHA, "BMP")


def _avifs() -> Iterator[tuple[str, bytes]]:
    yield "avif", encoded(_RGB, "AVIF", speed=10)
    yield "avif alpha", encoded(_ALPHA, "AVIF", speed=10)
    yield "avif animated", encoded(_RGB, "AVIF", speed=10, **_frames())


def _heics() -> Iterator[tuple[str, bytes]]:
    """Which Pillow does not write."""
    for path in sorted(HEIC.glob("*.heic")):
        yield f"heic {path.stem}", path.read_bytes()


def _raws() -> Iterator[tuple[str, bytes]]:
    inside = raws.jpeg(48, 36)
    yield "raw nef", raws.raw(inside)
    yield "raw dng", raws.raw(inside, dng=True)
    yield "raw cr2", raws.canon(inside)
    yield "raw cr3", raws.canon_in_boxes(inside)
    yield "raw raf", raws.fujifilm(inside)


def _turned() -> Iterator[tuple[str, bytes]]:
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = orientation
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2024:05:06 07:08:09"
        kind = ("JPEG", "PNG", "WEBP", "TIFF", "AVIF")[orientation % 5]
        yield f"{kind.lower()} turned {orientation}", encoded(_RGB, kind, exif=exif)
