"""Both towers of a model in one precision."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeAlias

import numpy as np
import onnx

from .architecture import Architecture
from .balance import balanced, pairs
from .calibration import Feed, observe
from .graph import Graph
from .linear import Fp32, Precision
from .parameters import Parameters, checked
from .photographs import photographs
from .quantise import Int8, Int8Weights
from .recipes import RECIPES, Recipe
from .text import text_graph
from .vision import vision_graph

CALIBRATION_PICTURES = 64
