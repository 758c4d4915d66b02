"""Opens files of every format: it reads their headers and does not decode their pixels yet."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from PIL import Image, ImageFile

from image_search import exif, heic, icc, jpeg, png, raw, tiff
from image_search.errors import RawError, RejectedError, TooManyPartsError, UnsupportedFormatError
from image_search.formats import FORMATS, HEIC_OFF, is_heic

# Pillow reads the largest GIF in 25,000 blocks of 255 bytes. A read takes microseconds, but a
# malicious file may have blocks of one byte.
_MAX_READS = 100_000
_EXIF_HEADER = b"Exif\0\0"
# AVIF names colours by numbers in a box near the beginning. ISO/IEC 23008-12, 12.1.5.
_NUMBERED_COLORS, _BOXES = b"colrnclx", 65_536


@dataclass(frozen=True)
class OpenedImage:
    """An image whose pixels are not decoded yet, and the metadata that its file holds."""

    image: Image.Image
    content_type: str
    data: bytes = b""
    """The bytes that Pillow decodes."""
    exif: bytes = b""
    """From the TIFF header on; it may be damaged."""
    xmp: bytes = b""
    profile: bytes | None = None
    """ICC; it may be damaged."""
    orientation: int = 1
    again: Callable[[], ImageFile.ImageFile] | None = None
    """Opens the file anew after decoding failed; None if it is decoded already."""
    raw: bool = False
    frame: tuple[int, int, int, int] | None = None
    """The only part of a GIF that is drawn, which may be smaller than its screen."""


def open_image(data: bytes, allow_heic: Callable[[int, int], None] | None) -> OpenedImage:
    """Open a file. HEIC is decoded at once, unless `allow_heic` is None or refuses its size.

    Raises:
        RejectedError: of several kinds.
        Exception: whatever Pillow raises.
    """
    if is_heic(data):
        return _heic(data, allow_heic)
    if raw.is_raw(data):
        return _raw(data)
    if data.startswith(png.SIGNATURE):
        return _png(data)
    try:
        return _pillow(data)
    except RejectedError:
        raise
    except Exception:
        bare = _without_metadata(data)
        if bare == data:
            raise
        return _pillow(bare)


def _heic(data: bytes, allow: Callable[[int, int], None] | None) -> OpenedImage:
    if allow is None:
        raise UnsupportedFormatError(HEIC_OFF.reason, HEIC_OFF.detail)
    found = heic.decode(data, allow)
    return OpenedImage(
        found.image, "image/heic", exif=found.exif, xmp=found.xmp, profile=found.profile
    )


def _raw(data: bytes) -> OpenedImage:
    """Open the JPEG inside; orientation and date may be in the raw file, the JPEG or both."""
    inside = raw.largest_jpeg(data)
    if inside is None:
        raise RawError
    opened, outer = _pillow(inside), exif.directory(data)
    turned = exif.Tag.ORIENTATION in exif.directory(opened.exif)
    return replace(
        opened,
        content_type="image/x-raw",
        exif=data if outer else opened.exif,
        orientation=opened.orientation if turned else exif.orientation(outer),
        raw=True,
    )


def _png(data: bytes) -> OpenedImage:
    parts = png.read(data)
    again = partial(_open_png, parts.stripped)
    return OpenedImage(
        again(),
        "image/png",
        parts.stripped,
        parts.exif,
        parts.xmp,
        parts.profile(),
        exif.orientation(exif.directory(parts.exif)),
        again,
    )


def _pillow(data: bytes) -> OpenedImage:
    jpeg.require_few_scans(data)
    image = _open(data)
    kind = "JPEG" if image.format == "MPO" else image.format or ""
    embedded = _exif(kind, data, image)
    return OpenedImage(
        image,
        Image.MIME[kind],
        data,
        embedded,
        _bytes(image.info.get("xmp")),
        _profile(kind, data, image),
        # Browsers ignore the orientation of WebP.
        1 if kind == "WEBP" else exif.orientation(exif.directory(embedded)),
        partial(_open, data),
        frame=image.tile[0].extents if kind == "GIF" and image.tile else None,
    )


def _exif(kind: str, data: bytes, image: Image.Image) -> bytes:
    if kind in ("JPEG", "TIFF"):
        return jpeg.exif(data) if kind == "JPEG" else data
    return _bytes(image.info.get("exif")).removeprefix(_EXIF_HEADER)


def _profile(kind: str, data: bytes, image: Image.Image) -> bytes | None:
    if kind == "JPEG":
        return jpeg.profile(data)
    return image.info.get("icc_profile") or (_avif_profile(data) if kind == "AVIF" else None)


def _open(data: bytes) -> ImageFile.ImageFile:
    image = Image.open(_Pieces(data), formats=FORMATS)
    if image.format == "TIFF":
        tiff.mend(image)
    return image


def _open_png(data: bytes) -> ImageFile.ImageFile:
    image = _open(data)
    if getattr(image, "default_image", False):  # which programs without animations show
        image.seek(1)
    depth, clear = data[24], image.info.get("transparency")
    if image.mode == "L" and depth < 8 and isinstance(clear, int):
        image.info["transparency"] = clear * 255 // (2**depth - 1)  # as Pillow scales the pixels
    return image


def _avif_profile(data: bytes) -> bytes | None:
    numbers = data.find(_NUMBERED_COLORS, 0, _BOXES) + len(_NUMBERED_COLORS)
    if numbers < len(_NUMBERED_COLORS):
        return None
    primaries, transfer = (
        int.from_bytes(data[start : start + 2], "big") for start in (numbers, numbers + 2)
    )
    return icc.of_photograph(primaries, transfer)


def _without_metadata(data: bytes) -> bytes:
    """The file without EXIF, because Pillow refuses some files whose EXIF it cannot parse."""
    if data.startswith(b"\xff\xd8"):
        return jpeg.without_metadata(data)
    if data[4:8] == b"ftyp":
        return data.replace(b"Exif", b"free")
    return data


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else b""


class _Pieces(io.BytesIO):
    """A file that limits the number of reads."""

    _left = _MAX_READS

    def read(self, size: int | None = -1, /) -> bytes:
        """Read like any file.

        Raises:
            TooManyPartsError: the file has been read too often.
        """
        self._left -= 1
        if self._left < 0:
            raise TooManyPartsError(_MAX_READS, "pieces")
        return super().read(size)
