"""Decodes bytes to an upright RGB image, as browsers show it, and its metadata.

Limits are checked before anything is decoded. Damaged metadata rejects no image.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

from PIL import Image, ImageFile

from image_search import color, cut, dates, depth, jpeg, tiff
from image_search.errors import (
    CutOffError,
    DamagedHeicError,
    DeadlineError,
    EmptyCropError,
    EmptyFileError,
    RejectedError,
    TooManyBytesError,
    TooManyPixelsError,
    TooManyQueryPixelsError,
    UnreadableImageError,
    UnsupportedFormatError,
)
from image_search.formats import SHOWN, unread
from image_search.opening import OpenedImage, open_image
from image_search.orientation import upright, upright_size

# A 61-megapixel camera's JPEG has about 40 MB; a whole batch has to fit the function's memory.
MAX_IMAGE_BYTES = 50 * 2**20
# The largest full-frame cameras have 61 megapixels: 192 MB as RGB.
MAX_IMAGE_PIXELS = 64_000_000
# Longest side, in pixels, of the preview of an original that browsers cannot show.
PREVIEW_SIDE = 2048
# JPEG is decoded at a reduced scale that keeps the shortest side at least this long, in pixels:
# twice a model's input loses nothing that its resampling would keep.
_DECODED_SIDE = 512
# TIFF's photometric interpretation. https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf
_PHOTOMETRIC, _WHITE_IS_ZERO = 262, 0

# MAX_IMAGE_PIXELS of this module applies; Pillow would only warn, at a lower limit.
Image.MAX_IMAGE_PIXELS = None
# A damaged file can have thousands of invalid tags, with a line in the log for each.
warnings.filterwarnings("ignore", module="PIL")


@dataclass(frozen=True)
class Crop:
    """A part of an upright image, in fractions of its sides: 0 ≤ x, x + width ≤ 1."""

    x: float
    y: float
    width: float
    height: float

    def box(self, size: tuple[int, int]) -> tuple[int, int, int, int]:
        """Left, top, right and bottom in an image of this many pixels.

        Raises:
            EmptyCropError: it is less than one pixel wide or high.
        """
        left, right = (round(side * size[0]) for side in (self.x, self.x + self.width))
        top, bottom = (round(side * size[1]) for side in (self.y, self.y + self.height))
        if right <= left or bottom <= top:
            raise EmptyCropError(*size)
        return left, top, right, bottom


@dataclass(frozen=True)
class DecodedImage:
    """The pixels and the metadata of an image."""

    image: Image.Image
    """RGB, upright, only the crop where there is one; a JPEG may be smaller than width × height."""
    width: int
    """Of the full image, upright, in pixels."""
    height: int
    content_type: str
    taken_at: int | None
    """Epoch seconds; the camera's clock is taken as UTC if no offset is known."""
    truncated: bool = False
    """The file ends too early; the missing part, at most a tenth, is white."""
    raw: bool = False
    """The file is a camera's raw file, and these are the pixels of the largest JPEG inside."""

    @property
    def needs_preview(self) -> bool:
        """Whether browsers cannot show the original."""
        return self.content_type not in SHOWN


def decode(data: bytes, crop: Crop | None = None, *, heic: bool = True) -> DecodedImage:
    """Decode one image (the first frame of an animation), or a part of it.

    HEIC is decoded if `heic` is set.

    Raises:
        EmptyCropError: the crop is smaller than a pixel.
        RejectedError: the image cannot be decoded; a subclass for each reason.
    """
    (image,) = decode_parts(data, [crop], heic=heic)
    return image


def decode_parts(
    data: bytes,
    crops: Sequence[Crop | None],
    allow: Callable[[int], None] = lambda _: None,
    *,
    heic: bool = True,
) -> Iterator[DecodedImage]:
    """Decode one image once, for several parts of it, which are made one by one.

    `allow` is called with the number of pixels to decode, which for a JPEG may be fewer than it
    has, or stand for its scans, and may refuse them with an error of its own. Raises what
    `decode` does.
    """
    if len(data) > MAX_IMAGE_BYTES:
        raise TooManyBytesError(len(data), MAX_IMAGE_BYTES)
    if not data:
        raise EmptyFileError
    try:
        opened = open_image(data, partial(_require, allow=allow) if heic else None)
        yield from _decoded(opened, crops, allow)
    except DamagedHeicError:
        if cut.ends_early(data):
            raise CutOffError from None
        raise
    except (RejectedError, EmptyCropError, TooManyQueryPixelsError, DeadlineError):
        raise
    # Pillow's decoders raise whatever their parsing meets: struct.error, KeyError, zlib.error …
    except Exception as error:
        raise _rejection(data, error) from error


def _require(width: int, height: int, allow: Callable[[int], None]) -> None:
    _require_few_pixels((width, height))
    allow(width * height)


def _require_few_pixels(size: tuple[int, int]) -> None:
    if size[0] * size[1] > MAX_IMAGE_PIXELS:
        raise TooManyPixelsError(*size, MAX_IMAGE_PIXELS)


def _rejection(data: bytes, error: Exception) -> RejectedError:
    known = unread(data)
    if known:
        return UnsupportedFormatError(known.reason, known.detail)
    if cut.ends_early(data):
        return CutOffError()
    return UnreadableImageError(type(error).__name__)


def _decoded(
    opened: OpenedImage, crops: Sequence[Crop | None], allow: Callable[[int], None]
) -> Iterator[DecodedImage]:
    size = opened.image.size
    _require_few_pixels(size)
    width, height = upright_size(size, opened.orientation)
    side = PREVIEW_SIDE if opened.raw else max(map(_decoded_side, crops))
    image, truncated = _loaded(opened, side, allow)
    image = upright(_shallow(_on_screen(image, opened.frame)), opened.orientation)
    taken_at = dates.taken_at(opened.exif, opened.xmp)
    profile = opened.profile
    if sum(crop.width * crop.height if crop else 1 for crop in crops) > 1:
        image, profile = color.to_srgb(image, profile), None  # parts overlap: all of it at once
    for crop in crops:
        yield DecodedImage(
            color.to_srgb(_part(image, crop), profile),
            width,
            height,
            opened.content_type,
            taken_at,
            truncated,
            opened.raw,
        )


def _part(image: Image.Image, crop: Crop | None) -> Image.Image:
    return image.crop(crop.box(image.size)) if crop else image


def _decoded_side(crop: Crop | None) -> int:
    """The side to decode at, so that a crop has as many pixels as a whole image would."""
    return round(_DECODED_SIDE / min(crop.width, crop.height)) if crop else _DECODED_SIDE


def _loaded(
    opened: OpenedImage, side: int, allow: Callable[[int], None]
) -> tuple[Image.Image, bool]:
    """The image with its pixels, and whether some of them are missing."""
    image = opened.image
    if opened.again is None:
        return image, False
    scans = _scanned_pixels(opened)
    image.draft(None, (side, side))
    allow(image.width * image.height + scans)
    try:
        image.load()
    except RejectedError:
        raise
    except Exception as error:
        image = opened.again()
        image.draft(None, (side, side))
        return image, not _salvaged(image, opened.data, error)
    if opened.content_type == "image/tiff":
        return tiff.scaled(cast(ImageFile.ImageFile, image), opened.again), False
    return image, False


def _scanned_pixels(opened: OpenedImage) -> int:
    """The pixels that take as long as the scans of a JPEG, whatever the scale it is decoded at.

    As many scans as are allowed take as long as all pixels of the slowest format.
    """
    width, height = opened.image.size
    return width * height * jpeg.scans_at_most(opened.data) // jpeg.MAX_SCANS


def _salvaged(image: ImageFile.ImageFile, data: bytes, error: Exception) -> bool:
    try:
        return cut.salvage(image, data)
    except CutOffError:
        if cut.ends_early(data):
            raise
        raise error from None


def _on_screen(image: Image.Image, frame: tuple[int, int, int, int] | None) -> Image.Image:
    """The first frame of a GIF on its screen, with white around a smaller frame."""
    if frame is None or frame == (0, 0, *image.size):
        return image
    screen = Image.new("RGBA", image.size, "white")
    part = image.crop(frame).convert("RGBA")
    screen.paste(part, frame[:2], part)
    return screen


def _shallow(image: Image.Image) -> Image.Image:
    if not depth.is_deep(image):
        return image
    tags = getattr(image, "tag_v2", None)
    if tags is None:
        return depth.eight_bits(image, depth.SIXTEEN_BITS)
    inverted = tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO
    return depth.eight_bits(image, depth.scale_of(image, white_is_zero=inverted))
