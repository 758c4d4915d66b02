"""CLIP ViT-B/32 in every common runtime and in ours, side by side on two cores.

All contenders stay loaded and take turns on the same pictures, so that whatever else the machine
does meets them all; each figure is the least of several rounds and their median.

    python -m bench.models [--weights FOLDER] [--bundle FOLDER]

Without real weights, the same architecture with random ones is made: it costs exactly the same.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench import ceiling, contest, goals, pictures, report
from bench.contest import Contender, Speed, Start, Team
from bench.install import Tools, environment, install, once
from bench.pictures import PictureSet
from bench.places import BUILD, ROOT
from bench.report import BASELINE, OURS

_HERE = Path(__file__).parent
# What the contenders read of an export, as model hubs name it.
_HUB_FILES = (
    *("config.json", "preprocessor_config.json", "tokenizer.json", "tokenizer_config.json"),
    *("onnx/model.onnx", "onnx/vision_model.onnx", "onnx/text_model.onnx"),
    *("onnx/model_quantized.onnx", "onnx/vision_model_quantized.onnx"),
    "onnx/text_model_quantized.onnx",
)
_CORES = 2
_BATCH = 4
_TEXT = "two dogs running on a beach at sunset"
_TEXT_RUNS = 15
_JOB_SECONDS = 1.5  # of one contender's turn, about
_COMPARED = 4  # pictures whose vectors are compared


@dataclass(frozen=True)
class Models:
    """The same model in the files that each contender reads."""

    hub: Path
    """As on a model hub: ONNX exports, tokenizer, configuration."""
    torch: Path
    """Checkpoints for transformers and open_clip."""
    bundle: Path


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    _use_cores()
    tools = install()
    models = _models(tools, arguments.weights, arguments.bundle)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        sets = pictures.make(Path(folder))
        contenders = _contenders(tools, models)
        teams = [stack.enter_context(Team(contender)) for contender in contenders]
        speeds = _speeds(teams, sets, arguments.rounds)
        for one in sets:
            _print(report.speed_table(one.title, speeds[one.kind.name]))
        memory = {team.contender.name: team.memory for team in teams}
        starts = _starts(contenders, sets[0].paths[0], arguments.starts)
        _print(report.start_table(starts, _texts(teams), memory))
        _print(_likeness(teams, sets))
    results = ceiling.measure(models.bundle / "vision.onnx")
    print()
    _print(ceiling.table(results))
    _print(goals.lines(speeds, starts, results))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.models", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--weights", type=Path, help="a folder as on a model hub, with onnx/")
    parser.add_argument("--bundle", type=Path, help="this project's bundle of the same weights")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--starts", type=int, default=3)
    return parser.parse_args()


def _print(lines: Iterator[str]) -> None:
    for line in lines:
        print(line, flush=True)


def _use_cores() -> None:
    """Keep to two cores, here and in every child, where the system can do that."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:_CORES])


def _models(tools: Tools, weights: Path | None, bundle: Path | None) -> Models:
    """The given files, and random weights in place of those that are not given."""
    random = BUILD / "random"

    def make(module: str, *arguments: Path) -> None:
        print(f"{module}, a minute", flush=True)
        command = [str(tools.python), "-m", module, *map(str, arguments)]
        with (BUILD / f"{module}.log").open("w") as log:
            subprocess.run(command, check=True, stderr=log, env=environment())

    once(random, [_HERE / "export.py"], lambda: make("bench.export", random))
    hub = (weights or random).resolve()
    if missing := [name for name in _HUB_FILES if not (hub / name).exists()]:
        raise SystemExit(f"{hub} lacks {', '.join(missing)}")
    torch = _with_checkpoints(hub, random)
    made = BUILD / "bundles" / torch.name
    if bundle is None:
        sources = [_HERE / "bundle.py", *sorted((ROOT / "model").rglob("*.py"))]
        once(made, [*sources, hub / "config.json"], lambda: make("bench.bundle", torch, made))
    return Models(hub, torch, (bundle or made).resolve())


def _with_checkpoints(hub: Path, random: Path) -> Path:
    """Exports often come without them; their values do not matter to the speed."""
    names = ("model.safetensors", "open_clip_model.pt")
    return hub if all((hub / name).exists() for name in names) else random


def _contenders(tools: Tools, models: Models) -> list[Contender]:
    threads = str(_CORES)

    def node(script: str, *more: str) -> tuple[str, ...]:
        return str(tools.node), str(tools.node_scripts / script), str(models.hub), threads, *more

    def python(interpreter: Path | str, module: str, files: Path, threads: str) -> tuple[str, ...]:
        return str(interpreter), "-m", f"bench.contenders.{module}", str(files), threads

    return [
        Contender(BASELINE, node("tutorial.mjs")),
        Contender("the same, quantised", node("tutorial.mjs", "q8")),
        Contender("Node, vision tower, int8", node("vision.mjs")),
        Contender(
            "torch, transformers",
            python(tools.python, "torch_transformers", models.torch, threads),
        ),
        Contender(
            "torch, open_clip",
            python(tools.python, "torch_open_clip", models.torch, threads),
        ),
        Contender(
            "onnxruntime, fp32", python(sys.executable, "onnxruntime_fp32", models.hub, threads)
        ),
        Contender(OURS, python(sys.executable, "ours", models.bundle, "1"), _CORES, _BATCH),
    ]


def _speeds(
    teams: Sequence[Team], sets: Sequence[PictureSet], rounds: int
) -> dict[str, dict[str, list[Speed]]]:
    """Runs by kind of picture and contender; a first round warms up and sizes the jobs."""
    names = [team.contender.name for team in teams]
    speeds: dict[str, dict[str, list[Speed]]] = {
        one.kind.name: {name: [] for name in names} for one in sets
    }
    jobs = {(team, one.kind.name): _job(team, one) for one in sets for team in teams}
    for number in range(rounds):
        print(f"\rround {number + 1} of {rounds}", end="", file=sys.stderr, flush=True)
        for (team, kind), job in jobs.items():
            speeds[kind][team.contender.name].append(team.embed(job))
    print("\r", end="", file=sys.stderr)
    return speeds


def _job(team: Team, pictures: PictureSet) -> list[str]:
    """The set, as often as it takes to fill a turn."""
    seconds = team.embed(pictures.paths).wall * len(pictures.paths)
    return list(pictures.paths) * max(1, round(_JOB_SECONDS / seconds))


def _starts(contenders: Sequence[Contender], picture: str, count: int) -> dict[str, list[Start]]:
    starts: dict[str, list[Start]] = {contender.name: [] for contender in contenders}
    for _ in range(count):
        for contender in contenders:
            starts[contender.name].append(contest.start(contender, picture))
    return starts


def _texts(teams: Sequence[Team]) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {team.contender.name: [] for team in teams}
    for _ in range(_TEXT_RUNS + 1):
        for team in teams:
            times[team.contender.name].append(team.embed_text(_TEXT))
    return {name: runs for name, (_loads, *runs) in times.items()}


def _likeness(teams: Sequence[Team], sets: Sequence[PictureSet]) -> Iterator[str]:
    """How far ours is from the tutorial's vectors: decoding, resizing and eight bits together."""
    by_name = {team.contender.name: team for team in teams}
    yield "\nlowest cosine of our vectors to the tutorial's (its own of two different pictures)"
    for one in sets:
        paths = one.paths[:_COMPARED]
        tutorial, ours = (_unit(by_name[name].vectors(paths)) for name in (BASELINE, OURS))
        same = float((tutorial * ours).sum(axis=1).min())
        others = float((tutorial @ tutorial.T)[np.triu_indices(len(paths), 1)].max())
        yield f"{one.kind.name:26} {same:.4f} ({others:.4f})"


def _unit(vectors: list[list[float]]) -> NDArray[np.float64]:
    matrix: NDArray[np.float64] = np.array(vectors)
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    return matrix


if __name__ == "__main__":
    main()
