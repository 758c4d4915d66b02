"""Imports torchvision beside any torch.

Its compiled operators load only beside the very torch that they were built with, and its import
fails without them. The transforms that are used here need none: two declarations let it pass.
"""

from __future__ import annotations

import torch

_OPERATORS = ("nms", "qnms")
_ARGUMENTS = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"

try:
    import torchvision  # type: ignore[import-not-found]
except RuntimeError:
    _library = torch.library.Library("torchvision", "DEF")
    for _name in _OPERATORS:
        _library.define(_name + _ARGUMENTS)
    import torchvision  # noqa: F401
