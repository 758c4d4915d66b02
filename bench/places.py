"""Where things are."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
LIBRARY = ROOT / "layers" / "image_search" / "python"
SAMPLES = ROOT / "samples"
# All that a benchmark installs or makes, but for the pictures.
BUILD = ROOT / "build" / "bench"
