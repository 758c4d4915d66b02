"""Salvages truncated files: the rows that are there, and white in place of the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from PIL import Image, ImageFile

from image_search import exif, png
from image_search.errors import CutOffError

# The least fraction of rows; browsers show any. A file that lacks a tenth of its bytes has about
# this fraction, because rows differ in bytes. Fewer rows show too little of the image.
MIN_SHARE = 0.875
# A row of JPEG blocks is drawn once its last block is there: on average half a row is missing.
_JPEG_ROWS = 8
_END_OF_IMAGE = b"\xff\xd9"
_START_OF_SCAN = b"\xff\xda"
_WHITES: dict[str, int | tuple[int, ...]] = {
    "1": 255,
    "L": 255,
    "I;16": 65_535,
    "LA": (255, 255),
    "RGB": (255,) * 3,
    "RGBA": (255,) * 4,
    "CMYK": (0,) * 4,
}
_BLACKS: dict[str, int | tuple[int, ...]] = {"CMYK": (255,) * 4}


def salvage(image: ImageFile.ImageFile, data: bytes) -> bool:
    """Draw the rows that an opened image has, before it is loaded; returns whether none is missing.

    Raises:
        CutOffError: fewer than MIN_SHARE of its rows are there, or their number is unknown.
    """
    image.load_prepare()
    tiles, image.tile = image.tile, []
    if any(tile.codec_name == "libtiff" for tile in tiles):
        raise CutOffError
    if image.info.get("progressive"):
        _require_detail(data)
        _draw(image, tiles, data + _END_OF_IMAGE, _WHITES[image.mode])
        return False
    mode = "L" if image.mode == "P" else image.mode
    _draw(image, tiles, data, _BLACKS.get(mode, 0))
    dark = _first_column(image)
    _draw(image, tiles, data, _WHITES[mode])
    missing = [
        row
        for row, (one, other) in enumerate(zip(dark, _first_column(image), strict=True))
        if one != other
    ]
    rows = _JPEG_ROWS if image.format in ("JPEG", "MPO") else 1
    if len(missing) - rows >= (1 - MIN_SHARE) * len(dark):
        raise CutOffError
    if _is_interlaced(image, tiles):
        _repeat_rows_above(image, missing)
    else:
        _whiten(image, missing)
    return not missing


def _is_interlaced(image: ImageFile.ImageFile, tiles: list[ImageFile._Tile]) -> bool:
    if image.format == "GIF":
        return bool(cast(tuple[int, int, int], tiles[0].args)[1])
    return bool(image.info.get("interlace"))


def _repeat_rows_above(image: ImageFile.ImageFile, missing: list[int]) -> None:
    """Fill the missing rows of an interlaced image: every other row comes last in its file."""
    for row in missing:
        above = image.crop((0, row - 1, image.width, row))
        image.paste(above, (0, row))


def _require_detail(data: bytes) -> None:
    """Require all but the last bits of detail of a progressive JPEG, so that every pixel is there.

    https://www.w3.org/Graphics/JPEG/itu-t81.pdf, B.2.3: the last scan's first coefficient, and its
    successive approximation, from a higher bit down to the lowest.
    """
    scan = data.rfind(_START_OF_SCAN)
    end = scan + 8 + 2 * data[scan + 4] if 0 <= scan < len(data) - 4 else len(data)
    if scan < 0 or end > len(data):
        raise CutOffError
    first, _, bits = data[end - 3 : end]
    if not first or not bits >> 4 or bits & 15:
        raise CutOffError


def _draw(
    image: ImageFile.ImageFile,
    tiles: list[ImageFile._Tile],
    data: bytes,
    color: int | tuple[int, ...],
) -> None:
    """Draw over a colour: Pillow fills with black or grey, which the image may contain itself."""
    image.im = Image.new(image.mode, image.im.size, color).im
    if image.palette:
        image.palette.dirty = 1
    for tile in tiles:
        decoder = Image._getdecoder(image.mode, tile.codec_name, tile.args, image.decoderconfig)
        try:
            decoder.setimage(image.im, tile.extents)
            decoder.decode(
                png.image_data(data) if image.format == "PNG" else memoryview(data)[tile.offset :]
            )
        finally:
            decoder.cleanup()


def _first_column(image: ImageFile.ImageFile) -> list[bytes]:
    """The first pixel of each row, which stands for the row: it is drawn whole or not at all."""
    column = image.crop((0, 0, 1, image.height)).tobytes()
    size = len(column) // image.height
    return [column[start : start + size] for start in range(0, len(column), size)]


def _whiten(image: ImageFile.ImageFile, rows: list[int]) -> None:
    """Fill rows with white; an image with a palette, which may lack white, becomes RGB."""
    if rows and image.mode == "P":
        image.im = image.convert("RGB").im
        image._mode = "RGB"
    for row in rows:
        image.paste(_WHITES[image.mode], (0, row, image.width, row + 1))


def ends_early(data: bytes) -> bool:
    """Whether a file lacks its end, by the rules of its format."""
    for signature, lacks_end in _LACKS_END.items():
        if data.startswith(signature):
            return lacks_end(data)
    return data[4:8] == b"ftyp" and _lacks_boxes(data)


def _lacks_strips(data: bytes) -> bool:
    """Whether a TIFF ends before its pixels do, by the offsets in its first directory."""
    first = exif.directory(data)
    starts, sizes = (
        first[tag].numbers if tag in first else ()
        for tag in (exif.Tag.STRIP_OFFSETS, exif.Tag.STRIP_BYTE_COUNTS)
    )
    ends = [start + size for start, size in zip(starts, sizes, strict=False)]
    return max(ends, default=len(data) + 1) > len(data)


def _lacks_boxes(data: bytes) -> bool:
    """Whether an ISO base media file ends inside a box. ISO/IEC 14496-12, 4.2."""
    position = 0
    while position < len(data):
        size = int.from_bytes(data[position : position + 4], "big")
        if size == 1:
            size = int.from_bytes(data[position + 8 : position + 16], "big")
        if size < 8:
            return False
        position += size
    return position > len(data)


_LACKS_END: dict[bytes, Callable[[bytes], bool]] = {
    b"\xff\xd8": lambda data: data.find(_END_OF_IMAGE, max(0, data.rfind(_START_OF_SCAN))) < 0,
    png.SIGNATURE: lambda data: b"IEND" not in data[-1024:],
    b"GIF8": lambda data: not data.endswith(b";"),
    b"RIFF": lambda data: int.from_bytes(data[4:8], "little") + 8 > len(data),
    b"BM": lambda data: int.from_bytes(data[2:6], "little") > len(data),
    b"II*\0": _lacks_strips,
    b"MM\0*": _lacks_strips,
}
