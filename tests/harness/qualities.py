"""The qualities and materials of the bundled shop."""

from __future__ import annotations

from pricing_fdm.model import PrintQuality

FINE, STANDARD, ECONOMY = QUALITIES = (
    PrintQuality("fine", 100),
    PrintQuality("standard", 200),
    PrintQuality("economy", 300),
)
MATERIALS = ("pla", "abs", "petg", "abs-esd", "asa", "nylon", "pc", "tpu")
