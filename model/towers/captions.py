"""Captions and queries of many kinds, for the calibration of text towers."""

from pathlib import Path

_FILE = Path(__file__).with_name("captions.txt")


def captions() -> list[str]:
    """The sentences, one per line of `captions.txt`."""
    return _FILE.read_text(encoding="utf-8").splitlines()
