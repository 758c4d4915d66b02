"""Which precision for which processor, and the choices inside a precision, each with its reason."""

from typing import Literal

PrecisionName = Literal["fp32", "int8", "int8-reduced", "int8-weights"]
Processor = Literal["arm64", "x86-64", "x86-64-vnni"]

DEFAULT: PrecisionName = "int8"

# int8-weights is nearest to full precision, at half the speed of the others: for pretrained weights
# that static scales do not suit.
RECIPES: dict[Processor, PrecisionName] = {
    # Its instructions multiply and add into 32 bits: nothing saturates.
    "arm64": "int8",
    # Lambda's x86-64 hosts may lack VNNI: sums of two products would saturate in 16 bits. Fewer
    # levels cost no time, but about twice the error.
    "x86-64": "int8-reduced",
    "x86-64-vnni": "int8",
}

# The projection of the pooled token is less than 1 % of the weights and of no measurable time.
KEPT = ("visual_projection", "text_projection")

# Tried on the calibration's pictures; which is best depends on how far a model's outliers reach.
STRENGTHS = (0.5, 0.65, 0.8)
