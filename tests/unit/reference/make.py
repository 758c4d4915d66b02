"""Makes the images beside it: what transformers' own processor makes of some samples.

`pip install transformers==4.57.1 pillow`, then `python tests/unit/reference/make.py`.
"""

from pathlib import Path

import numpy as np
from PIL import Image
from transformers import CLIPImageProcessor

HERE = Path(__file__).parent
SAMPLES = HERE.parents[2] / "samples"
NAMES = (
    "plants/dandelion-seeds",
    "animals/cat-chelsea",
    "space/rocket-falcon-9",
    "animals/dogs-on-balcony",
)


def main() -> None:
    """Write one PNG for each sample."""
    processor = CLIPImageProcessor(do_rescale=False, do_normalize=False)
    for name in NAMES:
        image = Image.open(SAMPLES / f"{name}.jpg").convert("RGB")
        (channels,) = processor(image, return_tensors="np")["pixel_values"]
        pixels = np.moveaxis(channels, 0, 2).astype(np.uint8)
        Image.fromarray(pixels).save(HERE / f"{Path(name).name}.png", optimize=True)


if __name__ == "__main__":
    main()
