"""This project's bundle of the weights that the other runtimes read.

`python -m bench.bundle HUB_FOLDER BUNDLE_FOLDER`. Only this file of bench/ imports model/.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tokenizers import Tokenizer

from bench.measure import SAMPLES
from bench.pictures import KINDS, encoded, images
from model.bundle_writer import Description, Model, SelfTest, write
from model.towers.architecture import CLIP_VIT_B_32
from model.towers.build import build_towers
from model.towers.captions import captions
from model.towers.export import parameters_from_onnx
from model.towers.recipes import DEFAULT, PrecisionName

_TOWERS = ("vision_model", "text_model")


def main() -> None:
    """Build it, with full precision as the reference of its self-test."""
    hub, target = map(Path, sys.argv[1:])
    exports = [hub / "onnx" / f"{tower}.onnx" for tower in _TOWERS]
    parameters = parameters_from_onnx(exports, CLIP_VIT_B_32)
    tokenizer = (hub / "tokenizer.json").read_text()
    encode = Tokenizer.from_str(tokenizer).encode
    texts = [encode(caption).ids for caption in captions()]

    def model(precision: PrecisionName) -> Model:
        towers = build_towers(parameters, CLIP_VIT_B_32, precision, SAMPLES, texts)
        return Model(*towers, tokenizer)

    self_test = SelfTest(encoded(next(images(KINDS[0], 0))), "a red panda", 0.95)
    write(target, model(DEFAULT), model("fp32"), _description(hub.name), self_test)


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


if __name__ == "__main__":
    main()
