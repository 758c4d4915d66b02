"""The sample images are openly licensed, credited one by one, and small."""

from pathlib import Path

from PIL import Image

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
CREDITS = SAMPLES / "CREDITS.md"

ALLOWED_LICENCES = {
    "LicenseRef-Public-Domain",
    "CC0-1.0",
    "CC-BY-2.0",
    "CC-BY-3.0",
    "CC-BY-4.0",
    "CC-BY-SA-2.0",
    "CC-BY-SA-3.0",
    "CC-BY-SA-4.0",
}
MAX_SIDE = 1280
MAX_BYTES = 400_000
DATE_TIME_ORIGINAL = 0x9003
EXIF_IFD = 0x8769

IMAGES = sorted(
    path.relative_to(SAMPLES).as_posix()
    for path in SAMPLES.rglob("*")
    if path.is_file() and path != CREDITS
)


def credit_rows():
    """The cells of each row of the credits table, without its two heading lines."""
    lines = CREDITS.read_text(encoding="utf-8").splitlines()
    table = [line for line in lines if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


def test_every_image_is_credited_exactly_once_in_the_order_of_the_files():
    assert [row[0].strip("`") for row in credit_rows()] == IMAGES


def test_every_credit_is_complete_and_names_an_allowed_licence_that_is_explained():
    explained = CREDITS.read_text(encoding="utf-8").split("## Licences", 1)[1]
    for row in credit_rows():
        assert len(row) == 6, row
        assert all(row), row
        assert row[3] in ALLOWED_LICENCES, row
        assert f"- `{row[3]}`: " in explained, row


def test_every_image_is_a_small_rgb_jpeg():
    for name in IMAGES:
        path = SAMPLES / name
        assert path.suffix == ".jpg", name
        assert path.stat().st_size <= MAX_BYTES, name
        with Image.open(path) as image:
            assert (image.format, image.mode) == ("JPEG", "RGB"), name
            assert max(image.size) <= MAX_SIDE, name


def test_no_image_carries_metadata_but_the_time_it_was_taken():
    for name in IMAGES:
        with Image.open(SAMPLES / name) as image:
            exif = image.getexif()
            assert set(exif) <= {EXIF_IFD}, name
            assert set(exif.get_ifd(EXIF_IFD)) <= {DATE_TIME_ORIGINAL}, name
            assert not {"icc_profile", "xmp", "comment"} & set(image.info), name
