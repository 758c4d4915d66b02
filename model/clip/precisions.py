"""Which precisions are tried for which processor, and why."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Literal, get_args

from .quantise import FULL, REDUCED, Levels

PrecisionName = Literal["int8", "int8-reduced", "int8-weights", "fp32"]
Processor = Literal["arm64", "x86-64", "x86-64-vnni"]
PRECISIONS: tuple[PrecisionName, ...] = get_args(PrecisionName)
PROCESSORS: tuple[Processor, ...] = get_args(Processor)

LEVELS: dict[PrecisionName, Levels] = {"int8": FULL, "int8-reduced": REDUCED}

# The fastest precision of each processor. int8-weights, which finds a scale for each row of
# activations at run time, takes two to three times as long; full precision takes four times as
# long, and four times the memory.
_CANDIDATES: dict[Processor, PrecisionName] = {
    # Its instructions multiply and add into 32 bits: nothing saturates.
    "arm64": "int8",
    # Lambda's x86-64 hosts may lack VNNI: sums of two products would saturate in 16 bits. Fewer
    # levels cost no time, but about twice the error.
    "x86-64": "int8-reduced",
    "x86-64-vnni": "int8",
}
_VNNI = {"avx512_vnni", "avx_vnni"}


def candidates(processor: Processor) -> tuple[PrecisionName, ...]:
    """The precisions that a processor computes correctly, the fastest first, `fp32` last."""
    return _CANDIDATES[processor], "int8-weights", "fp32"


def host() -> Processor:
    """The processor of this machine; VNNI counts as absent where its flags cannot be read."""
    if platform.machine().lower() in ("arm64", "aarch64"):
        return "arm64"
    cpuinfo = Path("/proc/cpuinfo")
    flags = cpuinfo.read_text().split() if cpuinfo.exists() else []
    return "x86-64-vnni" if _VNNI & set(flags) else "x86-64"


def runs_here(precision: str) -> bool:
    """Whether this machine computes a precision as its target processor does."""
    return precision != "int8" or host() != "x86-64"
