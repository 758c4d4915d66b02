"""What people remember of a file name has the parts that the index stores."""

import pytest

from image_search.names import MAX_PARTS, name_parts


@pytest.mark.parametrize(
    ("key", "parts"),
    [
        ("holidays/IMG_2041.jpg", ["img", "2041", "jpg"]),
        ("IMG2041", ["img", "2041"]),
        ("img 2041", ["img", "2041"]),
        ("Straße-ＡＢ.png", ["strasse", "ab", "png"]),
        ("a-A-a", ["a"]),
        ("folder/", []),
        ("___", []),
    ],
)
def test_a_name_has_parts_of_letters_and_of_digits(key, parts):
    assert name_parts(key) == parts


def test_a_name_of_any_length_has_a_bounded_number_of_parts():
    assert name_parts("-".join(str(n) for n in range(300))) == [str(n) for n in range(MAX_PARTS)]
