"""This project's bundle of the weights that the other contenders read.

Runs in the benchmark's own environment: `python -m bench.bundle HUB_FOLDER BUNDLE_FOLDER`.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image, ImageOps
from tokenizers import Tokenizer

from bench.places import SAMPLES
from model.bundle_writer import Description, Model, SelfTest, write
from model.towers.architecture import CLIP_VIT_B_32
from model.towers.build import build_towers
from model.towers.captions import captions
from model.towers.export import parameters_from_onnx
from model.towers.recipes import DEFAULT, PrecisionName

_TOWERS = ("vision_model", "text_model")
_SELF_TEST_PICTURE = SAMPLES / "animals" / "red-panda.jpg"


def main() -> None:
    """Build it, with full precision as the reference."""
    hub, target = map(Path, sys.argv[1:])
    exports = [hub / "onnx" / f"{tower}.onnx" for tower in _TOWERS]
    parameters = parameters_from_onnx(exports, CLIP_VIT_B_32)
    tokenizer = (hub / "tokenizer.json").read_text()
    encode = Tokenizer.from_str(tokenizer).encode
    texts = [encode(caption).ids for caption in captions()]

    def model(precision: PrecisionName) -> Model:
        towers = build_towers(parameters, CLIP_VIT_B_32, precision, SAMPLES, texts)
        return Model(*towers, tokenizer)

    write(target, model(DEFAULT), model("fp32"), _description(hub.name), _self_test())


def _description(name: str) -> Description:
    return Description(
        name=f"clip-vit-b32-{name}",
        precision=DEFAULT,
        dimension=CLIP_VIT_B_32.dimension,
        image_size=CLIP_VIT_B_32.vision.image_size,
        resize="shortest_side",
        interpolation="bicubic",
        context_length=CLIP_VIT_B_32.text.context,
        duplicate_threshold=0.95,
        licence="MIT",
        notice="for measurements",
        recipe="bench.bundle",
        sources=(),
    )


def _self_test() -> SelfTest:
    side = CLIP_VIT_B_32.vision.image_size
    with Image.open(_SELF_TEST_PICTURE) as picture:
        square = ImageOps.fit(picture.convert("RGB"), (side, side))
    file = io.BytesIO()
    square.save(file, "JPEG")
    return SelfTest(file.getvalue(), "a red panda", 0.95)


if __name__ == "__main__":
    main()
