"""The weight of a part's support, and when the quote carries a warning of it.

The length comes from the moves (`support.py`); section and density are those of the same slice, so
the weight is computed from figures of one file and is no estimate. Where the settings rule support
out there is none, and the moves are not read.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import BinaryIO

from pricing_fdm.gcode.faults import incomplete
from pricing_fdm.gcode.filament import Filament
from pricing_fdm.gcode.reading import gcode_chunks
from pricing_fdm.gcode.support import SUPPORT, extruded_mm
from pricing_fdm.model import QuoteWarning

NOISE_G = Decimal("0.1")
NOISE_SHARE = Decimal("0.01")
"""Support below both gets no warning: it is 34 mm of PLA, a strand or two under a rounded edge, and
not a hundredth of the print. Of our samples a tube of 43 g with 0.07 g of support is below."""

# The switch of each slicer, and what else prints support.
_SWITCHES = ("support_material", "enable_support")
_OTHER_SOURCES = ("raft_layers", "support_material_enforce_layers", "enforce_support_layers")
_ON, _OFF = "1", "0"
_MM3_PER_CM3 = 1000
_TWO_DIGITS = 10


def support_weight_g(
    gcode: BinaryIO, member: str | None, config: Mapping[str, str], filament: Filament
) -> Decimal | None:
    """Computes the weight of the support of one part.

    Args:
        gcode: The G-code, or the 3MF that holds it.
        member: Name of the G-code inside the 3MF; None when `gcode` is the G-code itself.
        config: The G-code's own settings block.
        filament: All that the part takes.

    Returns:
        None where the slicer does not mark its moves, or where filaments of different weight are
        in use and it is not known which one the support is made of.

    Raises:
        ResultIncomplete: The file is damaged, or has more support than filament.
    """
    if _is_ruled_out(config):
        return Decimal(0)
    if filament.g_per_mm is None:
        return None
    extruded = extruded_mm(gcode_chunks(gcode, member), SUPPORT)
    if extruded is None:
        return None
    length_mm = extruded / e_per_mm(config, filament)
    if length_mm > filament.length_mm:
        raise incomplete(
            "The slicer's moves for support contradict its filament length",
            log_detail=f"{length_mm:.6g} mm of support, {filament.length_mm:.6g} mm in all",
        )
    return length_mm * filament.g_per_mm


def e_per_mm(config: Mapping[str, str], filament: Filament) -> Decimal:
    """How much E is for a millimetre of filament: PrusaSlicer can be set to count mm3."""
    if config.get("use_volumetric_e") != _ON:
        return Decimal(1)
    return filament.volume_cm3 * _MM3_PER_CM3 / filament.length_mm


def needs_support(support_g: Decimal | None, filament_g: Decimal) -> tuple[QuoteWarning, ...]:
    """A warning of support, unless there is none or hardly any."""
    if support_g is None or (support_g < NOISE_G and support_g < NOISE_SHARE * filament_g):
        return ()
    percent = 100 * support_g / filament_g
    return (
        QuoteWarning(
            code="needs_support",
            message=(
                f"The part is printed with support: about {_readable(support_g)} g "
                f"({_readable(percent)} % of the material). It is broken away after printing and "
                "leaves marks where it touched."
            ),
            figures={
                "support_weight_g": float(support_g),
                "share_of_material": float(support_g / filament_g),
            },
        ),
    )


def _is_ruled_out(config: Mapping[str, str]) -> bool:
    stated = [config[key] for key in _SWITCHES if key in config]
    others = [config[key] for key in _OTHER_SOURCES if key in config]
    return bool(stated) and all(value == _OFF for value in stated + others)


def _readable(figure: Decimal) -> str:
    """Two significant digits, such as 0.054, 5.4 or 54; above that whole numbers, such as 540."""
    return f"{figure:.2g}" if figure < _TWO_DIGITS else f"{figure:.0f}"
