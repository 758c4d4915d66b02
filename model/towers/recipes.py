"""Which precision for which processor, and what each precision is made of."""

from dataclasses import dataclass
from typing import Literal

from .quantise import FULL_RANGE, REDUCED_RANGE

PrecisionName = Literal["fp32", "int8", "int8-reduced", "int8-weights"]
Processor = Literal["arm64", "x86-64", "x86-64-vnni"]

DEFAULT: PrecisionName = "int8"
KEPT: tuple[str, ...] = ("projection",)
