"""Names a slice by all that the slicer is told, so that equal slices are made once.

Left out is only what moves no length and no time: density and cost of the filament, which the
slicers use for two lines at the end of the G-code. Tests change each with a real slicer. That a key
has no meaning for a path is not enough: PrusaSlicer 2.5.0 places walls differently (0.01 mm of
filament, a second) when the name of the vendor or the text of a fan command is longer, because its
choices depend on where its memory lies.

Custom G-code can use any setting. What is mentioned there is not left out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from pricing_fdm.slicers.presets.file import Value

Unmoving = Mapping[str, tuple[str, ...]]
"""Keys that move nothing, each with the words by which custom G-code can use it."""

UNMOVING: Unmoving = {
    "filament_density": ("filament_density", "weight"),
    "filament_cost": ("filament_cost", "cost"),
}


def digest(told: Mapping[str, Value], unmoving: Unmoving) -> str:
    """SHA-256 of what can move something, as hex digits; the order of keys does not matter."""
    moving = {key: value for key, value in told.items() if key not in unmoving}
    texts = [text for value in moving.values() for text in _texts(value)]
    moving |= {
        key: told[key]
        for key, words in unmoving.items()
        if key in told and any(word in text for text in texts for word in words)
    }
    return _sha256(moving)


def slice_key(
    engine: str,
    version: str,
    profiles: str,
    overrides: Mapping[str, str],
    *,
    reproducible: bool = True,
) -> str:
    """The name of a slice: 64 hex digits.

    Args:
        engine: Name of the program.
        version: Of the program.
        profiles: `digest` of what the profiles make it be told.
        overrides: What the caller's settings change in that.
        reproducible: Whether every slice gives the same figures. Whoever asks for that must not be
            answered with a slice that was made without.
    """
    return _sha256(
        {
            "engine": engine,
            "version": version,
            "profiles": profiles,
            "overrides": overrides,
            "reproducible": reproducible,
        }
    )


def _texts(value: Value) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _sha256(content: Mapping[str, object]) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
