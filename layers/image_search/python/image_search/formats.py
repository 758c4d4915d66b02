"""Which formats are read, and what to do with those that are not."""

from __future__ import annotations

from PIL import (  # each plugin registers its format: cheaper than Image.init(), which loads 40
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

# What Pillow's own wheels decode; JPEG includes MPO, the several images in one of phones.
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
# What browsers show.
SHOWN = frozenset(f"image/{name}" for name in ("jpeg", "png", "apng", "webp", "gif", "bmp", "avif"))
_AVIF_BRANDS = frozenset((b"avif", b"avis"))
_HEIC_BRANDS = frozenset(
    (
        *(b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"heif"),
        *(b"mif1", b"mif2", b"msf1", b"avci", b"avcs", b"jpgs"),
    )
)
# Where a file of each begins so, whatever comes before it may be anything.
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\x0a", "JPEG-XL:-save-it-as-JPEG-or-PNG"),
    (0, b"\0\0\0\x0cJXL ", "JPEG-XL:-save-it-as-JPEG-or-PNG"),
    (0, b"\0\0\0\x0cjP  ", "JPEG-2000:-save-it-as-JPEG"),
    (0, b"\xff\x4f\xff\x51", "JPEG-2000:-save-it-as-JPEG"),
    (0, b"8BPS", "a-Photoshop-file:-export-it-as-JPEG-or-PNG"),
    (0, b"8BPB", "a-Photoshop-file:-export-it-as-JPEG-or-PNG"),
    (0, b"gimp xcf", "a-GIMP-file:-export-it-as-JPEG-or-PNG"),
    (0, b"%PDF", "PDF:-export-its-pages-as-JPEG-or-PNG"),
    (0, b"%!PS", "PostScript:-export-it-as-PNG"),
    (0, b"\0\0\x01\0", "an-icon:-save-it-as-PNG"),
    (0, b"II\xbc", "JPEG-XR:-save-it-as-JPEG"),
    (0, b"v/1\x01", "OpenEXR:-save-it-as-JPEG-or-PNG"),
    (0, b"#?RADIANCE", "Radiance-HDR:-save-it-as-JPEG-or-PNG"),
    (0, b"qoif", "QOI:-save-it-as-PNG"),
    (0, b"\x1aE\xdf\xa3", "a-film:-upload-a-still-of-it"),
    (0, b"PK\x03\x04", "a-zip-archive:-upload-the-images-in-it"),
    (4, b"ftypqt", "a-film:-upload-a-still-of-it"),
    (4, b"ftyp", "a-film:-upload-a-still-of-it"),
    (4, b"moov", "a-film:-upload-a-still-of-it"),
    (4, b"mdat", "a-film:-upload-a-still-of-it"),
    (4, b"wide", "a-film:-upload-a-still-of-it"),
    (8, b"AVI ", "a-film:-upload-a-still-of-it"),
)
# An SVG may begin with a declaration, comments and a byte order mark.
_SVG_HEAD = 4096


def is_heic(data: bytes) -> bool:
    """Whether it is HEIF, and not AVIF, which is built alike."""
    brands = _brands(data)
    return bool(brands & _HEIC_BRANDS) and not brands & _AVIF_BRANDS


def _brands(data: bytes) -> set[bytes]:
    """What a file of boxes says that it is. ISO/IEC 14496-12, 4.3."""
    if data[4:8] != b"ftyp":
        return set()
    box = data[8 : min(int.from_bytes(data[:4], "big"), 256)]
    return {box[start : start + 4] for start in range(0, len(box) - 3, 4) if start != 4}


def advice(data: bytes) -> str | None:
    """The name of a format that is known and not read, and what to do, as a reason."""
    if _brands(data) & (_AVIF_BRANDS | _HEIC_BRANDS):
        return None
    for position, signature, reason in _SIGNATURES:
        if data.startswith(signature, position):
            return reason
    head = data[:_SVG_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"<") and b"<svg" in head:
        return "SVG:-export-it-as-PNG"
    return None
