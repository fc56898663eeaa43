"""Predicts time and filament of a part, with an interval, or says that it cannot tell."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from pricing_fdm.estimate.features import Sections
from pricing_fdm.estimate.inputs import FEATURES, features_of, group_of
from pricing_fdm.estimate.model_file import EstimateModel, Figure, Shares, Widths
from pricing_fdm.estimate.physics import SUPPORT_TERMS, terms
from pricing_fdm.estimate.preset_figures import PresetFigures

INTERVAL = 0.9
"""Share of parts whose sliced figure lies between low and high."""

_BEYOND = 0.1
"""A feature may lie outside of what was seen by this share of the range."""
_MAX_OVERLAP = 0.3
_MOST_RESIDUAL = 3.0
"""Logarithm of what the physics may leave: a factor of 20. No print has left so much."""
_LEAST_S, _LEAST_G = 1.0, 0.01
"""Less than this is no figure that could be stated, or priced."""

_SHAPE = "has another shape than"
_BEYOND_WORDS = {
    "log_time": ("takes less time than", "takes more time than"),
    "log_filament": ("takes less material than", "takes more material than"),
    "log_height": ("is lower, as it is printed, than", "is higher, as it is printed, than"),
    "log_layers": ("has fewer layers than", "has more layers than"),
    "thickness": ("is thinner than", "is thicker than"),
    "loops": (_SHAPE, "has more outlines in a layer than"),
    "islands": (_SHAPE, "has more separate pieces in a layer than"),
    **dict.fromkeys(
        ("support_share", "time_support", "filament_support", "filament_interface"),
        (_SHAPE, "needs more support than"),
    ),
}
"""How a part differs from all that were seen: by a feature that is too low, and one too high."""


@dataclass(frozen=True, slots=True)
class Range:
    """A figure with its interval."""

    low: float
    likely: float
    high: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a slice would probably say of one part.

    Attributes:
        group: The kind of part that the interval was measured on.
    """

    print_time_s: Range
    filament_g: Range
    support_g: Range
    group: str


@dataclass(frozen=True, slots=True)
class NeedsSlice:
    """The model does not know this kind of print.

    Attributes:
        reason: For the customer, in a sentence.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """How a slice of another variant of the same mesh compared with its prediction.

    Attributes:
        time_ratio: Sliced to likely.
        filament_ratio: See `time_ratio`.
        same_print: It is a slice of the very print that is asked for.
    """

    time_ratio: float
    filament_ratio: float
    same_print: bool = False


def anchor_of(prediction: Prediction, print_time_s: float, filament_g: float) -> Anchor:
    """The anchor for other variants, from the sliced figures of this one."""
    return Anchor(
        print_time_s / prediction.print_time_s.likely, filament_g / prediction.filament_g.likely
    )


def predict(
    part: Sections,
    figures: PresetFigures,
    model: EstimateModel,
    *,
    profile_hash: str,
    anchor: Anchor | None = None,
) -> Prediction | NeedsSlice:
    """Predicts one copy of a part; it never costs less with more infill.

    Args:
        part: Measured by the plan of the same figures.
        figures: Of the presets and the request.
        model: For the slicer.
        profile_hash: Of the presets that the slice would be made with.
        anchor: If the same mesh has been sliced in the same pose.
    """
    if profile_hash not in model.profile_hashes:
        return NeedsSlice("The estimate was not fitted for this printer with these presets.")
    features = features_of(part, figures)
    if reason := _unknown(part, features, model):
        return NeedsSlice(reason)
    found, group = terms(part, figures), group_of(part)
    time_ratio, filament_ratio = (None, None) if anchor is None else _passed_on(anchor, model)
    per_mm3 = figures.density / 1000
    in_g = {name: volume * per_mm3 for name, volume in found.filament_mm3.items()}
    support_g = {name: in_g[name] for name in SUPPORT_TERMS}
    print_time_s = _range(model.time, found.time_s, features, group, time_ratio)
    filament_g = _range(model.filament, in_g, features, group, filament_ratio)
    if print_time_s is None or filament_g is None:
        return NeedsSlice("The file for estimates comes to no possible figures for the part.")
    if print_time_s.low < _LEAST_S or filament_g.low < _LEAST_G:
        return NeedsSlice("The part takes too little time or material for an estimate.")
    return Prediction(
        print_time_s=print_time_s,
        filament_g=filament_g,
        support_g=_support(
            _weighed(model.filament.coefficients, support_g), filament_g, model.support
        ),
        group=group,
    )


def _range(
    figure: Figure,
    found: Mapping[str, float],
    features: tuple[float, ...],
    group: str,
    ratio: float | None,
) -> Range | None:
    """None where what was learned leads far away from the physics: the file is damaged."""
    residual = figure.residual.value_at(features)
    if not abs(residual) <= _MOST_RESIDUAL:
        return None
    likely = _weighed(figure.coefficients, found) * math.exp(residual)
    if ratio is None:
        return _around(likely, figure.widths[group])
    return _around(likely * ratio, figure.anchored.widths[group])


def _passed_on(anchor: Anchor, model: EstimateModel) -> tuple[float, float]:
    """What time and filament are multiplied by: other prints have a share of the error only."""
    if anchor.same_print:
        return anchor.time_ratio, anchor.filament_ratio
    return (
        anchor.time_ratio**model.time.anchored.share,
        anchor.filament_ratio**model.filament.anchored.share,
    )


def _support(likely: float, filament_g: Range, shares: Shares) -> Range:
    """Of all grams; none where nothing hangs."""
    if not likely:
        return Range(0.0, 0.0, 0.0)
    likely = min(likely, filament_g.likely)
    return Range(
        max(0.0, likely - shares.low * filament_g.likely),
        likely,
        min(filament_g.high, likely + shares.high * filament_g.likely),
    )


def _around(likely: float, widths: Widths) -> Range:
    return Range(likely * math.exp(-widths.low), likely, likely * math.exp(widths.high))


def _weighed(coefficients: Mapping[str, float], found: Mapping[str, float]) -> float:
    return sum(coefficients[name] * value for name, value in found.items())


def _unknown(part: Sections, features: tuple[float, ...], model: EstimateModel) -> str:
    """Why the model does not know this part; empty if it does."""
    if part.overlap_share > _MAX_OVERLAP:
        return "Much of the part's surface lies inside of other bodies of it."
    for name, value in zip(FEATURES, features, strict=True):
        seen = model.ranges[name]
        margin = _BEYOND * (seen.high - seen.low) + 1e-6
        if not seen.low - margin <= value <= seen.high + margin:
            too_little, too_much = _BEYOND_WORDS.get(name, (_SHAPE, _SHAPE))
            words = too_little if value < seen.low else too_much
            return f"The part {words} any that the estimate knows."
    return ""
