"""The formats that are read, and the remedies for those that are not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PIL import (  # each plugin registers its format: cheaper than Image.init(), which loads 40
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

# Formats that the wheels of Pillow decode; JPEG includes MPO, in which phones store several images.
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
# Content types that browsers show.
SHOWN = frozenset(f"image/{name}" for name in ("jpeg", "png", "apng", "webp", "gif", "bmp", "avif"))
_AVIF_BRANDS = frozenset((b"avif", b"avis"))
_HEIC_BRANDS = frozenset(
    (
        *(b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"heif"),
        *(b"mif1", b"mif2", b"msf1", b"avci", b"avcs", b"jpgs"),
    )
)
# The types of the files that are read; image/x-raw is this project's name for cameras' raw files.
ContentType = Literal[
    "image/jpeg",
    "image/png",
    "image/webp",
    "image/gif",
    "image/tiff",
    "image/bmp",
    "image/avif",
    "image/heic",
    "image/heif",
    "image/x-raw",
]
_HEIC = "heic heif hif"
_EXTENSIONS: dict[ContentType, str] = {
    "image/jpeg": "jpg jpeg jpe jfif",
    "image/png": "png apng",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/tiff": "tif tiff",
    "image/bmp": "bmp dib",
    "image/avif": "avif",
    "image/heic": _HEIC,
    "image/x-raw": "dng nef nrw cr2 cr3 arw sr2 raf orf rw2 pef srw x3f 3fr iiq erf",
}
# By extension, because browsers do not know the types of all of these.
CONTENT_TYPES: dict[str, ContentType] = {
    extension: content_type
    for content_type, extensions in _EXTENSIONS.items()
    for extension in extensions.split()
}


@dataclass(frozen=True)
class Unread:
    """A format that is recognised and not read."""

    reason: str
    """A stable, short name for programs."""
    detail: str
    """A sentence with the remedy, for people."""
    extensions: tuple[str, ...]
    signatures: tuple[tuple[int, bytes], ...] = ()
    """Positions and the bytes at them."""


HEIC_OFF = Unread(
    "heic-off",
    "HEIC is not decoded here (parameter Heic); save it as JPEG",
    tuple(_HEIC.split()),
)
_SVG = Unread("svg", "SVG is not read; export it as PNG", ("svg", "svgz"))
UNREAD = (
    Unread(
        "jpeg-xl",
        "JPEG XL is not read; save it as JPEG or PNG",
        ("jxl",),
        ((0, b"\xff\x0a"), (0, b"\0\0\0\x0cJXL ")),
    ),
    Unread(
        "jpeg-2000",
        "JPEG 2000 is not read; save it as JPEG",
        ("jp2", "j2k", "jpf", "jpx"),
        ((0, b"\0\0\0\x0cjP  "), (0, b"\xff\x4f\xff\x51")),
    ),
    Unread("jpeg-xr", "JPEG XR is not read; save it as JPEG", ("jxr", "wdp"), ((0, b"II\xbc"),)),
    Unread(
        "photoshop",
        "Photoshop files are not read; export it as JPEG or PNG",
        ("psd", "psb"),
        ((0, b"8BPS"), (0, b"8BPB")),
    ),
    Unread(
        "gimp", "GIMP files are not read; export it as JPEG or PNG", ("xcf",), ((0, b"gimp xcf"),)
    ),
    _SVG,
    Unread(
        "pdf", "PDF is not read; export its pages as JPEG or PNG", ("pdf", "ai"), ((0, b"%PDF"),)
    ),
    Unread(
        "postscript", "PostScript is not read; export it as PNG", ("eps", "ps"), ((0, b"%!PS"),)
    ),
    Unread("icon", "icons are not read; save it as PNG", ("ico",), ((0, b"\0\0\1\0"),)),
    Unread("openexr", "OpenEXR is not read; save it as JPEG or PNG", ("exr",), ((0, b"v/1\1"),)),
    Unread(
        "radiance-hdr",
        "Radiance HDR is not read; save it as JPEG or PNG",
        ("hdr",),
        ((0, b"#?RADIANCE"),),
    ),
    Unread("qoi", "QOI is not read; save it as PNG", ("qoi",), ((0, b"qoif"),)),
    Unread(
        "video",
        "videos are not read; upload a still of it",
        ("mov", "mp4", "m4v", "avi", "mkv", "webm", "3gp", "mts"),
        (
            *((4, box) for box in (b"ftyp", b"moov", b"mdat", b"wide")),
            (8, b"AVI "),
            (0, b"\x1aE\xdf\xa3"),
        ),
    ),
    Unread(
        "zip-archive",
        "zip archives are not read; upload the images in it",
        ("zip",),
        ((0, b"PK\3\4"),),
    ),
)
# An SVG may begin with a declaration, comments and a byte order mark.
_SVG_HEAD = 4096


def is_heic(data: bytes) -> bool:
    """Whether the file is HEIF and not AVIF, which has the same container."""
    brands = _brands(data)
    return bool(brands & _HEIC_BRANDS) and not brands & _AVIF_BRANDS


def _brands(data: bytes) -> set[bytes]:
    """The brands that an ISO base media file declares. ISO/IEC 14496-12, 4.3."""
    if data[4:8] != b"ftyp":
        return set()
    box = data[8 : min(int.from_bytes(data[:4], "big"), 256)]
    return {box[start : start + 4] for start in range(0, len(box) - 3, 4) if start != 4}


def unread(data: bytes) -> Unread | None:
    """The format of a file if it is recognised and not read."""
    if _brands(data) & (_AVIF_BRANDS | _HEIC_BRANDS):
        return None
    for candidate in UNREAD:
        if any(data.startswith(bytes_, position) for position, bytes_ in candidate.signatures):
            return candidate
    head = data[:_SVG_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"<") and b"<svg" in head:
        return _SVG
    return None
