"""The fixed cost of a stack, which is shown before one is made."""

from __future__ import annotations

from collections.abc import Mapping

# US dollars a month, as in docs/cost.md.
_ALARMS = 9 * 0.10
_DOCTOR_ALARM = 0.10
_SECRET = 0.40
# Lambda polls the queue on five connections, for 20 seconds each.
_POLLING = 5 * (30 * 24 * 3600 / 20) * 0.40e-6
_SNAPSHOT = 6.70


def fixed(parameters: Mapping[str, str]) -> str:
    """One sentence about the fixed part of the bill."""
    parts = {"alarms": _ALARMS, "the secret": _SECRET, "asking the queue": _POLLING}
    if parameters.get("Doctor", "off") != "off":
        parts["alarms"] += _DOCTOR_ALARM
    if parameters.get("SnapStart") == "PublishedVersions":
        parts["the snapshot"] = _SNAPSHOT
    listed = ", ".join(f"{name} ${price:.2f}" for name, price in parts.items())
    return (
        f"While nobody uses it, it costs about ${sum(parts.values()):.2f} a month ({listed}), "
        "free tiers apart, and storage: docs/cost.md"
    )
