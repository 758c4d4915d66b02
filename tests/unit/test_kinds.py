"""Every kind of image that people have: its pixels as Chromium shows them, its date, its state."""

import re
import struct
import time
from datetime import UTC, datetime

import numpy as np
import pytest
from PIL import ExifTags, Image

from image_search import cut, decoding
from image_search.dates import moment, taken_at
from image_search.errors import RejectedError
from tests.unit import raws
from tests.unit.images import encoded, photo
from tests.unit.kinds import HEIC, SCENE, exif, jpeg_with, odd_exif, orientation, shown, tiff_header
from tests.unit.odd_kinds import deep_tiff
from tests.unit.renderings import renderings, sizes, small

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
# Of 255: what two decoders of the same file may differ by.
_NEAR = 3


def difference(image, other):
    pairs = (np.asarray(small(one)).astype(float) for one in (image, other))
    return float(np.abs(np.subtract(*pairs)).mean())


def reason_of(data, **options):
    """The reason for which an image is rejected."""
    with pytest.raises(RejectedError) as caught:
        decoding.decode(data, **options)
    return caught.value.reason


@pytest.mark.parametrize("name", sizes())
def test_an_image_looks_as_in_a_browser_and_missing_parts_are_reported(name):
    size, rendering = renderings()[name]

    decoded = decoding.decode(shown()[name])

    assert decoded.image.size == size
    assert difference(decoded.image, rendering) <= _NEAR
    assert decoded.truncated == ("short" in name or name == "jpeg: no end")


def test_every_kind_has_a_rendering():
    assert shown().keys() == sizes().keys()


PROGRESSIVE = {"progressive": True, "quality": 90}
LZW = {"compression": "tiff_lzw"}


@pytest.mark.parametrize(
    ("kind", "options", "kept"),
    [
        *((kind, {}, share) for kind in ("JPEG", "PNG", "BMP") for share in (0.2, 0.4, 0.75)),
        *(("JPEG", PROGRESSIVE, share) for share in (0.1, 0.3, 0.5)),
        # Browsers show nothing of these without their end.
        *((kind, {}, -missing) for kind in ("WEBP", "AVIF") for missing in (5, 300)),
        *(("TIFF", LZW, -missing) for missing in (5, 300)),
    ],
)
def test_a_file_that_lacks_too_much_is_cut_off(kind, options, kept):
    data = encoded(photo(320, 240), kind, **options)
    end = kept if kept < 0 else int(len(data) * kept)

    assert reason_of(data[:end]) == "cut-off"


def block_rows(height, missing):
    """A grey JPEG that lacks as many of its last rows of blocks."""
    data = encoded(photo(64, height).convert("L"), "JPEG", restart_marker_rows=1)
    ends = [marker.end() for marker in re.finditer(rb"\xff[\xd0-\xd7]", data)]
    return data[: ends[-missing]]


@pytest.mark.parametrize(
    ("data", "is_read"),
    [
        # The bytes of a row are 24. Of 80 rows, less than ten and one may be missing.
        (encoded(photo(8, 80), "BMP")[: -10 * 24], True),
        (encoded(photo(8, 80), "BMP")[: -11 * 24], False),
        # A row of blocks more than an eighth: 16 of 72 rows are less, 24 of 128 are not.
        (block_rows(72, missing=2), True),
        (block_rows(128, missing=3), False),
    ],
)
def test_an_eighth_of_the_rows_may_be_missing(data, is_read):
    if is_read:
        assert decoding.decode(data).truncated
    else:
        assert reason_of(data) == "cut-off"


@pytest.mark.parametrize("length", range(2, 10))
def test_a_progressive_jpeg_is_read_if_the_header_of_its_last_scan_is_there(length):
    data = encoded(photo(64, 48), "JPEG", **PROGRESSIVE)
    scan = data.rindex(b"\xff\xda")

    assert reason_of(data[: scan + length]) == "cut-off"
    assert decoding.decode(data[: scan + 10]).truncated


@pytest.mark.parametrize("scan", range(10))
def test_a_progressive_jpeg_is_read_from_its_last_bits_of_detail_on(scan):
    """libjpeg writes ten scans; the last three have the lowest bits of each component."""
    data = encoded(photo(64, 48), "JPEG", **PROGRESSIVE)
    starts = [marker.start() for marker in re.finditer(b"\xff\xda", data)]
    length = int.from_bytes(data[starts[scan] + 2 : starts[scan] + 4], "big")
    short = data[: starts[scan] + 2 + length]

    if scan < 7:
        assert reason_of(short) == "cut-off"
    else:
        assert decoding.decode(short).truncated


DEEP = {
    f"{bits} bits in {order}, {name}": (bits, order, layout)
    for bits in (10, 12, 14, 16)
    for order in "<>"
    for name, layout in {
        "plain": {},
        "deflate": {"deflate": True},
        "planes": {"planes": True},
    }.items()
}


@pytest.mark.parametrize(("bits", "order", "layout"), DEEP.values(), ids=DEEP)
def test_a_tiff_s_colours_use_the_bits_that_its_sensor_had(bits, order, layout):
    values = np.asarray(SCENE).astype(int) * ((2**bits - 1) // 255)

    image = decoding.decode(deep_tiff(values, order, **layout)).image

    assert difference(image, SCENE) <= 1


@pytest.mark.parametrize("kind", ["TIFF", "BMP"])
def test_a_whole_file_that_is_unreadable_is_not_reported_as_cut_off(kind):
    """Its compression, or its number of bits, does not exist."""
    data = bytearray(encoded(SCENE, kind))
    at = data.index(struct.pack("<HHI", 259, 3, 1)) + 8 if kind == "TIFF" else 28
    data[at] = 99

    assert reason_of(bytes(data)) == "not-a-readable-image"


@pytest.mark.parametrize(
    ("kind", "end"),
    [*((kind, 1) for kind in ("JPEG", "GIF", "WEBP", "BMP", "TIFF", "AVIF")), ("PNG", 8)],
)
def test_a_file_ends_early_if_a_part_of_its_end_is_missing_and_not_before(kind, end):
    data = encoded(photo(64, 48), kind)

    assert not cut.ends_early(data)
    assert cut.ends_early(data[:-end])


FTYP, EMPTY = b"\0\0\0\x0cftypavif", b"\0\0\0\x08free"
LARGE = b"\0\0\0\1mdat" + (20).to_bytes(8, "big") + b"data"


@pytest.mark.parametrize(
    ("boxes", "is_short"),
    [
        *((FTYP + LARGE, False), (FTYP + LARGE[:-1], True), (FTYP + EMPTY + LARGE[:-1], True)),
        # A last box of size 0 goes on to the end; one that is smaller than its header is damaged.
        *((FTYP + b"\0\0\0\0mdat", False), (FTYP + b"\0\0\0\7mdat", False)),
    ],
)
def test_a_file_of_boxes_ends_with_the_last(boxes, is_short):
    assert cut.ends_early(boxes) == is_short


# 2021-03-04 05:06:07 in UTC.
_MOMENT = 1614834367
_IN_UTC = [
    *(f"2021{a}03{a}04{b}05:06:07" for a in ":-/." for b in " T"),
    *("2021:03:04T05:06:07Z", "2021:03:04 05:06:07 ", " 2021:03:04 05:06:07", "2021:3:4 5:06:07"),
    "2021:03:04 05:06:07.789",
]
_NONE = [
    *("0001:01:01 00:00:00", "1825:12:31 23:59:59", "9999:12:31 23:59:59", "2021:13:04 05:06:07"),
    *("2021:02:30 05:06:07", "2021:03:04 25:06:07", "0000:00:00 00:00:00", "    :  :     :  :  "),
    *("yesterday", ""),
]
SPELLINGS = {
    **dict.fromkeys(_IN_UTC, _MOMENT),
    "2021:03:04 05:06:07+02:00": _MOMENT - 7200,
    "2021:03:04 05:06:07 -0330": _MOMENT + 12_600,
    "2021-03-04T05:06:07.789+02:00": _MOMENT - 7200,
    "2021-03-04T05:06": _MOMENT - 7,
    "2021:03:04": 1614816000,
    "1969:07:20 20:17:40": -14182940,
    "1826:06:01 12:00:00": -4531118400,
    **dict.fromkeys(_NONE),
}


@pytest.mark.parametrize(("spelling", "expected"), SPELLINGS.items())
def test_a_date_is_read_in_every_spelling(spelling, expected):
    assert moment(spelling) == expected


@pytest.mark.parametrize(("ahead", "is_read"), [(3600, True), (48 * 3600, False)])
def test_a_date_may_be_ahead_by_an_offset_and_no_more(ahead, is_read):
    when = datetime.fromtimestamp(time.time() + ahead, UTC)

    assert (moment(f"{when:%Y:%m:%d %H:%M:%S}") is not None) == is_read


def dated(**tags):
    exif = Image.Exif()
    for name, value in tags.items():
        holder = exif if name == "DateTime" else exif.get_ifd(ExifTags.IFD.Exif)
        holder[ExifTags.Base[name]] = value
    return encoded(SCENE, "JPEG", exif=exif)


def test_the_camera_s_date_comes_before_the_scanner_s_and_the_file_s():
    first, second, third = (f"202{n}:03:04 05:06:07" for n in (1, 2, 3))

    every = dated(DateTimeOriginal=first, DateTimeDigitized=second, DateTime=third)
    two = dated(DateTimeDigitized=second, DateTime=third)
    one = dated(DateTime=third)

    years = [1614834367, 1646370367, 1677906367]
    assert [decoding.decode(data).taken_at for data in (every, two, one)] == years


def test_an_invalid_date_is_skipped_for_the_next_one():
    data = dated(DateTimeOriginal="0000:00:00 00:00:00", DateTimeDigitized="2021:03:04 05:06:07")

    assert decoding.decode(data).taken_at == _MOMENT


@pytest.mark.parametrize(
    "xmp",
    [
        b'<rdf:Description exif:DateTimeOriginal="2021-03-04T05:06:07"/>',
        b"<exif:DateTimeOriginal>2021-03-04T05:06:07</exif:DateTimeOriginal>",
        b"<photoshop:DateCreated>2021-03-04T05:06:07.00Z</photoshop:DateCreated>",
        b"<rdf:Description xmp:CreateDate='2021-03-04T07:06:07+02:00'/>",
    ],
)
def test_the_date_is_read_from_xmp_where_exif_has_none(xmp):
    wrapped = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>" + xmp + b"</x:xmpmeta>"

    assert decoding.decode(jpeg_with(wrapped)).taken_at == _MOMENT
    assert taken_at(b"", xmp + b"\xff\xfe") == _MOMENT


def test_a_date_beside_odd_tags_is_read():
    data = jpeg_with(odd_exif(0x0132, 2, b"2021:03:04 05:06:07\0", 20))

    assert decoding.decode(data).taken_at == _MOMENT


def test_a_date_behind_a_doubled_header_is_read():
    once = tiff_header((0x0132, 2, 20, struct.pack("<I", 26))) + b"2021:03:04 05:06:07\0"

    assert decoding.decode(jpeg_with(exif(exif(once)))).taken_at == _MOMENT


@pytest.mark.parametrize("length", range(0, 60, 3))
def test_exif_that_ends_anywhere_turns_an_image_or_not_and_breaks_nothing(length):
    whole = tiff_header((0x0112, 3, 1, b"\6\0"), (0x8769, 4, 1, b"\xff\xff\xff\xff"))

    assert decoding.decode(jpeg_with(exif(whole[:length]))).image.size in (SCENE.size, (64, 96))


def _on_white(image):
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=Image.linear_gradient("L").resize(image.size))
    return white


HEICS = {
    "plain": SCENE,
    "tiled": SCENE,
    "ten-bit": SCENE,
    "grey": SCENE.convert("L"),
    "alpha": _on_white(SCENE),
    "turned": SCENE.rotate(180),
    "second-is-primary": SCENE.rotate(180),
    "display-p3": renderings()["png: P3"][1],
    "numbered-p3": renderings()["png: P3"][1],
}


@pytest.mark.parametrize("name", HEICS)
def test_a_heic_is_shown_upright_and_in_its_colours(name):
    decoded = decoding.decode((HEIC / f"{name}.heic").read_bytes())

    assert difference(decoded.image, HEICS[name]) <= _NEAR
    assert (decoded.width, decoded.height) == decoded.image.size == (96, 64)
    assert (decoded.content_type, decoded.needs_preview) == ("image/heic", True)


def test_a_heic_s_date_is_read():
    assert decoding.decode((HEIC / "turned.heic").read_bytes()).taken_at == 1563106856


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_half_a_heic_is_rejected_as_cut_off(share):
    data = (HEIC / "plain.heic").read_bytes()

    assert reason_of(data[: int(len(data) * share)]) == "cut-off"


def test_a_heic_is_rejected_where_decoding_is_switched_off():
    assert reason_of((HEIC / "plain.heic").read_bytes(), heic=False) == "heic-off"


LARGE, SMALL = raws.jpeg(400, 300), raws.jpeg(160, 120)
RAWS = {
    "NEF": raws.raw(SMALL, LARGE),
    "DNG": raws.raw(LARGE, SMALL, make=b"LEICA\0", dng=True),
    "ARW": raws.raw(SMALL, LARGE, make=b"SONY\0"),
    "CR2": raws.canon(LARGE, SMALL),
    "RAF": raws.fujifilm(LARGE),
    "CR3": raws.canon_in_boxes(SMALL, LARGE),
}


@pytest.mark.parametrize("data", RAWS.values(), ids=RAWS)
def test_of_a_raw_file_the_largest_jpeg_is_indexed(data):
    decoded = decoding.decode(data)

    assert (decoded.width, decoded.height, decoded.raw) == (400, 300, True)
    assert difference(decoded.image, photo(400, 300)) <= _NEAR
    assert (decoded.content_type, decoded.needs_preview) == ("image/x-raw", True)


def test_a_raw_file_s_own_orientation_and_date_count_where_its_jpeg_has_none():
    decoded = decoding.decode(raws.raw(LARGE, orientation=6))

    assert (decoded.width, decoded.height) == (300, 400)
    assert decoded.taken_at == 1614834367


def test_a_raw_file_s_jpeg_that_knows_how_to_be_turned_is_turned_once():
    upright = raws.jpeg(400, 300, exif=exif(orientation(1)))

    assert decoding.decode(raws.raw(upright, orientation=6)).width == 400


@pytest.mark.parametrize(
    "data", [raws.raw(), raws.raw(make=b"LEICA\0", dng=True), raws.canon(), raws.fujifilm()]
)
def test_a_raw_file_without_a_jpeg_is_rejected_as_raw(data):
    assert reason_of(data) == "raw-without-preview"


def test_a_tiff_of_a_camera_is_not_a_raw_file():
    data = encoded(SCENE, "TIFF", tiffinfo={0x010F: "NIKON CORPORATION"})

    decoded = decoding.decode(data)

    assert (decoded.raw, decoded.content_type, decoded.needs_preview) == (False, "image/tiff", True)
