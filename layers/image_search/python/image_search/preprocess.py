"""Bytes to pixels, the way the model was trained: RGB, shortest side resized, centre crop.

The numbers (size, interpolation) come from the bundle. Limits are checked before decoding.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import (  # each plugin registers its format: cheaper than Image.init(), which loads 40
    AvifImagePlugin,
    BmpImagePlugin,
    ExifTags,
    GifImagePlugin,
    Image,
    ImageCms,
    ImageOps,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from image_search.errors import (
    EmptyCropError,
    RejectedError,
    TooManyBytesError,
    TooManyPartsError,
    TooManyPixelsError,
    TooManyQueryPixelsError,
    UnreadableImageError,
)

if TYPE_CHECKING:
    from image_search.bundle import Resize

# A 61-megapixel camera's JPEG has about 40 MB; a whole batch has to fit the function's memory.
MAX_IMAGE_BYTES = 50 * 2**20
# The largest full-frame cameras have 61 megapixels: 192 MB as RGB.
MAX_IMAGE_PIXELS = 64_000_000
# Passes of a JPEG: encoders write about ten; one takes 20 ms of the largest picture, and 100 bytes.
MAX_SCANS = 100
# Pieces of a JPEG, tables and comments among them.
_MAX_SEGMENTS = 2000
# Pillow reads a file piece by piece: 25,000 for the largest PNG in the usual chunks of 8 kB. Each
# takes microseconds, and pieces may have one byte.
_MAX_READS = 100_000
# What Pillow's own wheels decode; JPEG includes MPO, the several pictures in one of phones.
FORMATS = tuple(
    plugin.format
    for plugin in (
        JpegImagePlugin.JpegImageFile,
        PngImagePlugin.PngImageFile,
        WebPImagePlugin.WebPImageFile,
        GifImagePlugin.GifImageFile,
        TiffImagePlugin.TiffImageFile,
        BmpImagePlugin.BmpImageFile,
        AvifImagePlugin.AvifImageFile,
    )
)
# Longest side, in pixels: a gallery row on a screen with two dots per pixel.
THUMBNAIL_SIDE = 400
# JPEG is decoded at a reduced scale that keeps the shortest side at least this long, in pixels:
# twice a model's input loses nothing that its resampling would keep.
_DECODED_SIDE = 512
# A picture longer than this many times its width is cut to its middle before it is resized.
_MAX_ASPECT = 16
_WHITE = (255, 255, 255)
# Rows at a time that are freed of their transparency.
_STRIP = 256
_START_OF_SCAN, _END_OF_IMAGE = b"\xda", b"\xd9"
# What ends the data of a scan: no escaped byte, no fill byte, no restart.
_MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])")
# Orientations that swap width and height. https://exiftool.org/TagNames/EXIF.html (0x0112)
_QUARTER_TURNS = (5, 6, 7, 8)
_SRGB = ImageCms.createProfile("sRGB")
# Nearly every profile is sRGB and says so in its first tags; it needs no conversion.
_SRGB_NAME, _PROFILE_HEAD = b"sRGB", 1024
_PROFILED_MODES = ("RGB", "CMYK")

# The limit is ours and says what was got; Pillow's own would only warn at a lower one.
Image.MAX_IMAGE_PIXELS = None
# A damaged file can have thousands of tags to warn of; the log would have a line for each.
warnings.filterwarnings("ignore", module="PIL")


@dataclass(frozen=True)
class Crop:
    """A part of an upright picture, in fractions of its sides: 0 ≤ x, x + width ≤ 1."""

    x: float
    y: float
    width: float
    height: float

    def box(self, size: tuple[int, int]) -> tuple[int, int, int, int]:
        """Left, top, right and bottom in a picture of this many pixels.

        Raises:
            EmptyCropError: it is less than one pixel wide or high.
        """
        left, right = (round(side * size[0]) for side in (self.x, self.x + self.width))
        top, bottom = (round(side * size[1]) for side in (self.y, self.y + self.height))
        if right <= left or bottom <= top:
            raise EmptyCropError(*size)
        return left, top, right, bottom


@dataclass(frozen=True)
class Picture:
    """A decoded picture and what is known of it."""

    image: Image.Image
    """RGB, upright, only the crop where there is one; a JPEG may be smaller than width × height."""
    width: int
    """Of the full picture, upright, in pixels."""
    height: int
    content_type: str
    taken_at: int | None
    """Epoch seconds; the camera's clock is taken as UTC where EXIF names no offset."""


def decode(data: bytes, crop: Crop | None = None) -> Picture:
    """Decode one picture (the first frame of an animation), or a part of it.

    Raises:
        EmptyCropError: the crop is less than a pixel.
        TooManyBytesError: more than MAX_IMAGE_BYTES.
        TooManyPixelsError: the header promises more than MAX_IMAGE_PIXELS.
        TooManyPartsError: more scans, segments or chunks than real pictures have.
        UnreadableImageError: not a picture in one of FORMATS, or a damaged one.
    """
    (picture,) = decode_parts(data, [crop])
    return picture


def decode_parts(
    data: bytes, crops: Sequence[Crop | None], allow: Callable[[int], None] = lambda _: None
) -> Iterator[Picture]:
    """Decode one picture once, for several parts of it, which are made one by one.

    `allow` is called with the number of pixels to decode, which for a JPEG may be fewer than it
    has, and raises TooManyQueryPixelsError to refuse them. Raises what `decode` does.
    """
    if len(data) > MAX_IMAGE_BYTES:
        raise TooManyBytesError(len(data), MAX_IMAGE_BYTES)
    _require_few_scans(data)
    try:
        with Image.open(_Pieces(data), formats=FORMATS) as image:
            yield from _decode(image, crops, allow)
    except UnidentifiedImageError:
        raise UnreadableImageError(f"none of {', '.join(FORMATS)}") from None
    except (RejectedError, EmptyCropError, TooManyQueryPixelsError):
        raise
    # Pillow's decoders raise whatever their parsing meets: struct.error, KeyError, zlib.error …
    except Exception as error:
        raise UnreadableImageError(f"{type(error).__name__}: {error}") from error


class _Pieces(io.BytesIO):
    """A file that is not read in too many pieces."""

    _left = _MAX_READS

    def read(self, size: int | None = -1, /) -> bytes:
        """Read as any file does.

        Raises:
            TooManyPartsError: it has been read too often.
        """
        self._left -= 1
        if self._left < 0:
            raise TooManyPartsError(_MAX_READS, "pieces")
        return super().read(size)


def _require_few_scans(data: bytes) -> None:
    """Count the scans of a JPEG. https://www.w3.org/Graphics/JPEG/itu-t81.pdf (annex B)."""
    if not data.startswith(b"\xff\xd8") or data.count(b"\xff" + _START_OF_SCAN) <= MAX_SCANS:
        return  # looking closer takes a second for the largest files
    scans, position = 0, 2
    for _ in range(_MAX_SEGMENTS):
        marker = _MARKER.search(data, position)
        if marker is None or marker[1] == _END_OF_IMAGE:
            return
        scans += marker[1] == _START_OF_SCAN
        if scans > MAX_SCANS:
            raise TooManyPartsError(MAX_SCANS, "scans")
        position = marker.end() + int.from_bytes(data[marker.end() : marker.end() + 2], "big")
    raise TooManyPartsError(_MAX_SEGMENTS, "segments")


def _decode(
    image: Image.Image, crops: Sequence[Crop | None], allow: Callable[[int], None]
) -> Iterator[Picture]:
    width, height = image.size
    if width * height > MAX_IMAGE_PIXELS:
        raise TooManyPixelsError(width, height, MAX_IMAGE_PIXELS)
    kind = "JPEG" if image.format == "MPO" else image.format
    content_type = Image.MIME.get(kind or "", "application/octet-stream")
    taken_at, turn = _exif(image)
    if turn in _QUARTER_TURNS and image.format != "TIFF":  # whose size Pillow has turned already
        width, height = height, width
    image.draft(None, (max(map(_decoded_side, crops)),) * 2)
    allow(image.width * image.height)
    if turn:
        ImageOps.exif_transpose(image, in_place=True)
    for crop in crops:
        part = image.crop(crop.box(image.size)) if crop else image
        yield Picture(_rgb(part), width, height, content_type, taken_at)


def _decoded_side(crop: Crop | None) -> int:
    """A part is decoded as finely as the whole would be."""
    return round(_DECODED_SIDE / min(crop.width, crop.height)) if crop else _DECODED_SIDE


def _exif(image: Image.Image) -> tuple[int | None, int | None]:
    """When the picture was taken and how it is to be turned; damaged EXIF says nothing."""
    try:
        exif = image.getexif()
        return _taken_at(exif.get_ifd(ExifTags.IFD.Exif)), exif.get(ExifTags.Base.Orientation)
    # As with the pixels, a parser raises whatever it meets; but the pixels may be whole.
    except Exception:
        image.info.pop("exif", None)
        return None, None


def _rgb(image: Image.Image) -> Image.Image:
    """Convert to RGB in sRGB, with transparency on white."""
    image = _srgb(image)
    if image.mode.startswith("I"):  # 16 bits, in either byte order
        image = image.convert("I").point(lambda value: value / 257).convert("L")
    return _on_white(image) if image.has_transparency_data else image.convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    """A strip at a time: all of the largest picture would be held four times, 256 MB each."""
    white = Image.new("RGB", image.size, _WHITE)
    for top in range(0, image.height, _STRIP):
        strip = image.crop((0, top, image.width, min(top + _STRIP, image.height))).convert("RGBA")
        white.paste(strip, (0, top), strip)
    return white


def _srgb(image: Image.Image) -> Image.Image:
    """Apply an embedded colour profile; a broken one is ignored, as browsers do."""
    profile = image.info.get("icc_profile")
    if not profile or _SRGB_NAME in profile[:_PROFILE_HEAD] or image.mode not in _PROFILED_MODES:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return converted or image


def _taken_at(exif: dict[int, object]) -> int | None:
    time = exif.get(ExifTags.Base.DateTimeOriginal)
    offset = exif.get(ExifTags.Base.OffsetTimeOriginal)
    for text, form in ((f"{time}{offset}", "%Y:%m:%d %H:%M:%S%z"), (time, "%Y:%m:%d %H:%M:%S")):
        try:
            moment = datetime.strptime(str(text), form)
        except ValueError:
            continue
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    return None


def pixels(
    image: Image.Image, size: int, interpolation: str, resize: Resize = "shortest_side"
) -> NDArray[np.uint8]:
    """The picture as a model sees it: (size, size, 3) uint8.

    `squash` resizes both sides to `size`; `shortest_side` keeps the aspect and crops the centre,
    with the steps and the rounding of transformers' CLIPImageProcessor. `interpolation` is the
    name of a Pillow resampling filter.
    """
    filter_ = Image.Resampling[interpolation.upper()]
    if resize == "squash":
        return np.asarray(image.resize((size, size), filter_))
    image = _without_ends(image)
    resized = image.resize(_scaled(*image.size, size), filter_)
    left, top = (resized.width - size) // 2, (resized.height - size) // 2
    return np.asarray(resized.crop((left, top, left + size, top + size)))


def _without_ends(image: Image.Image) -> Image.Image:
    """The middle of a very long picture: resizing all of 60,000 × 1 would need gigabytes."""
    longest = _MAX_ASPECT * min(image.size)
    width, height = min(image.width, longest), min(image.height, longest)
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))


def _scaled(width: int, height: int, shortest: int) -> tuple[int, int]:
    """The size with the shortest side scaled; the other side is cut off, as torchvision does."""
    if width <= height:
        return shortest, shortest * height // width
    return shortest * width // height, shortest


def thumbnail(image: Image.Image) -> Image.Image:
    """A copy of at most THUMBNAIL_SIDE on its longest side."""
    small = image.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.BICUBIC, reducing_gap=2)
    return small


def webp(image: Image.Image) -> bytes:
    """Encode as WebP."""
    file = io.BytesIO()
    image.save(file, "WEBP", quality=80, method=2)
    return file.getvalue()
