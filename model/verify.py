"""`make verify MODEL=clip-vit-b32`: what each precision does to a model, on its real weights.

The same table as `model.towers.table`, whose weights are random: size, load time, memory, the
cosine to full precision and how many of the ten nearest are the same, over the sample photographs
with crops of them, and over captions that the calibration has not seen.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import onnx

from .build import SAMPLES, Files, exported, files_of, tokenizer_of
from .download import DownloadError
from .registry import Entry, UnknownModelError, entry
from .towers.build import picture_feeds, text_feeds, text_tower, vision_tower
from .towers.calibration import Feed
from .towers.captions import captions
from .towers.export import parameters_from_onnx
from .towers.photographs import photographs
from .towers.table import print_table, qualities, sizes, written

_CROPS = 3  # of each photograph

Models = dict[str, Path]


def main() -> int:
    """Download, build every precision, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m model.verify", description=__doc__)
    parser.add_argument("name", help="of the registry")
    try:
        model = entry(parser.parse_args().name)
        files = files_of(model)
    except (UnknownModelError, DownloadError) as error:
        print(f"make verify: {error}", file=sys.stderr)
        return 1
    with TemporaryDirectory() as folder:
        for title, models, feeds in _towers(model, files, Path(folder)):
            print_table(title, models, [*sizes(models, feeds), *qualities(models, feeds)])
    return 0


def _towers(model: Entry, files: Files, folder: Path) -> Iterator[tuple[str, Models, list[Feed]]]:
    """Both towers in every precision, each with what it is measured on."""
    pictures = list(picture_feeds(photographs(SAMPLES, model.image.size, _CROPS)))
    tokenizer = tokenizer_of(model, files.tokenizer)
    texts = list(text_feeds([tokenizer.encode(caption).ids for caption in captions()]))
    architecture = model.architecture
    if architecture is None:
        vision, text = _exported(model, files, folder)
    else:
        parameters = parameters_from_onnx([files.vision, files.text], architecture)
        calibration = pictures[:: _CROPS + 1]
        vision = dict(written(vision_tower(architecture), parameters, calibration, folder))
        text = dict(written(text_tower(architecture), parameters, texts[::2], folder))
    yield "vision", vision, pictures
    yield "text", text, texts[1::2]


def _exported(model: Entry, files: Files, folder: Path) -> tuple[Models, Models]:
    reference, served = exported(model, files)
    towers: tuple[Models, Models] = {}, {}
    for precision, pair in (("fp32", reference), ("int8-weights", served)):
        for paths, tower, name in zip(towers, pair, ("vision", "text"), strict=True):
            paths[precision] = folder / f"{name}-{precision}.onnx"
            onnx.save(tower, paths[precision])
    return towers


if __name__ == "__main__":
    sys.exit(main())
