"""Whatever colours an image has, it becomes RGB in sRGB on white, as browsers show it."""

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
# Profiles that one collection's cameras write; one is 500 bytes to 3 MB, most less than 4 kB.
_KEPT_TRANSFORMS = 8
# What two roundings of the same colour differ by.
_SAME = 1
_STEPS = (0, 51, 102, 153, 204, 255)


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The image as RGB; one of more than eight bits has to be made shallow before."""
    if image.has_transparency_data:
        return _on_white(image, profile)
    return _converted(image, profile, "RGB")


def _on_white(image: Image.Image, profile: bytes | None) -> Image.Image:
    """A strip at a time: all of the largest image would be held four times, 256 MB each."""
    white = Image.new("RGB", image.size, _WHITE)
    for top in range(0, image.height, _STRIP):
        part = image.crop((0, top, image.width, min(top + _STRIP, image.height)))
        strip = _converted(part, profile, "RGBA")
        white.paste(strip, (0, top), strip)
    return white


def _converted(image: Image.Image, profile: bytes | None, mode: str) -> Image.Image:
    """In sRGB, as RGB or RGBA; a profile of other colours than the image's is ignored."""
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
    """From the profile to sRGB; None where it is broken, of other colours, or changes nothing."""
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
    """Whether a sample of colours comes out as it went in: most profiles are sRGB's own."""
    colors = [(red, green, blue) for red in _STEPS for green in _STEPS for blue in _STEPS]
    sample = Image.new("RGB", (len(colors), 1))
    sample.putdata(colors)
    sample = sample.convert(mode)
    pairs = zip(sample.tobytes(), _applied(transform, sample).tobytes(), strict=True)
    return all(abs(one - other) <= _SAME for one, other in pairs)


def _applied(transform: ImageCms.ImageCmsTransform, image: Image.Image) -> Image.Image:
    """A new image: that is what not asking for the same one gives."""
    return cast(Image.Image, ImageCms.applyTransform(image, transform))
