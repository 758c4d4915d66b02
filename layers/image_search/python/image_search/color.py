"""Converts images of all colour spaces to sRGB on white, as browsers show them."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import cast

from PIL import Image, ImageCms

_SRGB = ImageCms.createProfile("sRGB")
_WHITE = (255, 255, 255)
# Rows composited onto white per strip.
_STRIP = 256
_GREYS = ("1", "L", "LA", "La")
# The cameras of a collection write a few profiles. Most have less than 4 kB, the largest 3 MB.
_KEPT_TRANSFORMS = 8
# The difference between two roundings of the same colour.
_SAME = 1
_STEPS = (0, 51, 102, 153, 204, 255)


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert an image of 8 bits per channel to RGB in sRGB."""
    if image.has_transparency_data:
        return _on_white(image, profile)
    return _converted(image, profile, "RGB")


def _on_white(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Composite onto white in strips, or four copies of up to 256 MB would be in memory."""
    white = Image.new("RGB", image.size, _WHITE)
    for top in range(0, image.height, _STRIP):
        part = image.crop((0, top, image.width, min(top + _STRIP, image.height)))
        strip = _converted(part, profile, "RGBA")
        white.paste(strip, (0, top), strip)
    return white


def _converted(image: Image.Image, profile: bytes | None, mode: str) -> Image.Image:
    """Convert to sRGB, as RGB or RGBA; a profile for another colour space is ignored."""
    source = "L" if image.mode in _GREYS else "CMYK" if image.mode == "CMYK" else mode
    transform = _transform(profile, source, mode) if profile else None
    if transform is None and source == "L" and profile:
        source = mode
        transform = _transform(profile, source, mode)
    if transform is None:
        return image if image.mode == mode else image.convert(mode)
    if source == mode:
        values = image if image.mode == mode else image.convert(mode)
        return _applied(transform, values)
    colors = _applied(transform, image.convert(source))
    if mode == "RGBA":
        colors.putalpha(image.convert("RGBA").getchannel("A"))
    return colors


@lru_cache(_KEPT_TRANSFORMS)
def _transform(profile: bytes, source: str, mode: str) -> ImageCms.ImageCmsTransform | None:
    """From the profile to sRGB; None if it is damaged, for other colours, or has no effect."""
    target = mode if source == mode else "RGB"
    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if opened.profile.xcolor_space.strip() != _SPACES[source]:
            return None
        transform = ImageCms.buildTransform(opened, _SRGB, source, target)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None
    return None if source == mode and _changes_nothing(transform, mode) else transform


_SPACES = {"L": "GRAY", "CMYK": "CMYK", "RGB": "RGB", "RGBA": "RGB"}


def _changes_nothing(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Whether the transform maps sample colours to themselves: most profiles are sRGB."""
    colors = [(red, green, blue) for red in _STEPS for green in _STEPS for blue in _STEPS]
    sample = Image.new("RGB", (len(colors), 1))
    sample.putdata(colors)
    sample = sample.convert(mode)
    pairs = zip(sample.tobytes(), _applied(transform, sample).tobytes(), strict=True)
    return all(abs(one - other) <= _SAME for one, other in pairs)


def _applied(transform: ImageCms.ImageCmsTransform, image: Image.Image) -> Image.Image:
    """Apply the transform to a copy: without `inPlace` Pillow returns a new image."""
    return cast(Image.Image, ImageCms.applyTransform(image, transform))
