"""From a finished slicer run to the figures of one part; the entry of this package.

Invariant 1: never invent a number. A figure that the slicer did not state is an error that names
it. One figure may be derived the other way round, with a warning: without a length, volume and
length come from the printed weight. The weight of support comes from its moves (`support.py`); it
is computed last, and not at all where the settings rule support out.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from decimal import localcontext
from pathlib import Path
from typing import BinaryIO, TypeVar

from pricing_fdm.gcode.faults import incomplete, missing, unreadable
from pricing_fdm.gcode.filament import Filament, from_length, from_weight
from pricing_fdm.gcode.overhead import overhead_of
from pricing_fdm.gcode.quantities import parse_amount, parse_amounts, parse_count, parse_duration_s
from pricing_fdm.gcode.reading import head_and_tail
from pricing_fdm.gcode.settings_check import check_settings
from pricing_fdm.gcode.slots import slots_of
from pricing_fdm.gcode.statements import Figure, GcodeText, parse_gcode
from pricing_fdm.gcode.support_weight import needs_support, support_weight_g
from pricing_fdm.model import Metrics, QuoteWarning
from pricing_fdm.pricing.exact import EXACT
from pricing_fdm.sandbox import run_files

VOLUME_DERIVED = QuoteWarning(
    code="volume_derived",
    message=(
        "The slicer gave no filament length. Length and volume were computed from its weight, "
        "which is rounded to a hundredth of a gram."
    ),
)

MAX_FILE_BYTES = 64 * 1024**3
"""The most that the slicer can be allowed to write, by `SLICE_OUTPUT_MB`."""

_Number = TypeVar("_Number")


def extract_metrics(
    gcode: Path, member: str | None, expected: Mapping[str, str], folder: Path | None = None
) -> Metrics:
    """Reads the figures of one part and checks that the slicer used the settings asked for.

    Args:
        gcode: The G-code, or the 3MF that holds it.
        member: Exact name of the G-code inside the 3MF; None when `gcode` is the G-code itself.
        expected: Settings that the G-code's own settings block must repeat, in the engine's keys.
        folder: The run's own; None when `gcode` lies directly in it.

    Raises:
        ResultIncomplete: There is no such file, or it must not be read; a figure is missing, zero
            or contradicts another; a setting did not reach the slicer; or the file is damaged.
    """
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(
                run_files.opened(gcode, folder or gcode.parent, max_bytes=MAX_FILE_BYTES)
            )
        except OSError as error:
            raise unreadable(error) from error
        return _metrics(file, member, expected)


def _metrics(gcode: BinaryIO, member: str | None, expected: Mapping[str, str]) -> Metrics:
    text = parse_gcode(head_and_tail(gcode, member))
    if text.config is None:
        raise missing("settings it used")
    check_settings(expected, text.config)
    with localcontext(EXACT):
        print_time_s = _agreed(text, Figure.PRINT_TIME, parse_duration_s)
        layers = _layers(text)
        filament, warnings = _filament(text, text.config)
        if not (print_time_s and layers and filament.weight_g):
            raise incomplete(
                "The slicer's result describes a part that prints nothing",
                log_detail=f"{print_time_s} s, {layers} layers, {filament.weight_g:.6g} g",
            )
        support_g = support_weight_g(gcode, member, text.config, filament)
        overhead = overhead_of(gcode, member, text.config, filament)
        return Metrics(
            print_time_s=print_time_s,
            filament_mm=filament.length_mm,
            filament_g=filament.weight_g,
            volume_cm3=filament.volume_cm3,
            layers=layers,
            support_g=support_g,
            warnings=warnings + needs_support(support_g, filament.weight_g),
            overhead_g=overhead.filament_g,
            overhead_s=overhead.time_s,
        )


def _layers(text: GcodeText) -> int:
    """Layers that are printed; a difference is no error, since no price depends on them.

    OrcaSlicer counts them in the head. Its count at the end is of all heights that were planned,
    with those where support came to nothing. PrusaSlicer has only the line of our end G-code, which
    comes after one that the printer's own may have.
    """
    for figure, which in ((Figure.LAYERS, 0), (Figure.LAYERS_AT_END, -1)):
        if figure in text.figures:
            return _stated(text, figure, parse_count)[which]
    raise missing(Figure.LAYERS)


def _filament(
    text: GcodeText, config: Mapping[str, str]
) -> tuple[Filament, tuple[QuoteWarning, ...]]:
    if Figure.WEIGHT_G not in text.figures:
        raise missing(Figure.WEIGHT_G)
    used = text.figures.get(Figure.SLOTS_USED, ())
    if Figure.LENGTH_MM not in text.figures:
        weights_g = _agreed(text, Figure.WEIGHT_G, parse_amounts)
        return from_weight(weights_g, slots_of(weights_g, config, used)), (VOLUME_DERIVED,)
    lengths_mm = _agreed(text, Figure.LENGTH_MM, parse_amounts)
    filament = from_length(
        lengths_mm,
        slots_of(lengths_mm, config, used),
        _stated(text, Figure.WEIGHT_G, parse_amounts),
        _stated(text, Figure.TOTAL_WEIGHT_G, parse_amount),
    )
    return filament, ()


def _agreed(text: GcodeText, figure: Figure, parse: Callable[[str], _Number]) -> _Number:
    """A figure that decides the price: stated once, or each time with the same value."""
    values = _stated(text, figure, parse)
    if not values:
        raise missing(figure)
    if any(value != values[0] for value in values):
        raise incomplete(
            f"The slicer's result states the {figure} twice, with different values",
            log_detail=f"{figure}: {', '.join(text.figures[figure])}",
        )
    return values[0]


def _stated(
    text: GcodeText, figure: Figure, parse: Callable[[str], _Number]
) -> tuple[_Number, ...]:
    stated = text.figures.get(figure, ())
    try:
        return tuple(map(parse, stated))
    except ValueError as error:
        raise missing(figure, log_detail=f"{figure}: {', '.join(stated)}") from error
