"""What is noted of estimates and of slices, as texts that processes share.

A note that is damaged, or was written by another version, is none. Its figures are bounded: they
come from a store.
"""

from __future__ import annotations

import functools
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from pricing_fdm.estimate.features import Sections
from pricing_fdm.estimate.preset_figures import PresetFigures, preset_figures
from pricing_fdm.estimate.rows import Positive
from pricing_fdm.model import Metrics, Order
from pricing_fdm.pricing.exact import EXACT
from pricing_fdm.quoting.slicing import Sliced
from pricing_fdm.quoting.workshop import Plan

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was estimated.

    Attributes:
        key: That its slice result would have.
        likely: What the estimate said, by the figures' names; empty where it said nothing.
        sections: Of the part, where its slice is to be a label.
        figures: Of the presets; see `sections`.
    """

    key: str
    likely: Mapping[str, Positive]
    sections: Sections | None = None
    figures: PresetFigures | None = None


@dataclass(frozen=True, slots=True)
class Overhead:
    """What each plate takes besides its copies; it is in the figures of a copy by itself."""

    print_time_s: Decimal = Decimal(0)
    filament_g: Decimal = Decimal(0)

    def of_plate(self, copies: Sequence[tuple[Metrics, int]]) -> Metrics:
        """The figures of a plate with so many copies of each part; it has the overhead once."""
        with localcontext(EXACT):
            grams = _with_one([(each.filament_g, many) for each, many in copies], self.filament_g)
            share = grams / sum(each.filament_g * many for each, many in copies)
            times = [(each.print_time_s, many) for each, many in copies]
            supports = [each.support_g and each.support_g * many for each, many in copies]
            return replace(
                copies[0][0],
                print_time_s=_with_one(times, self.print_time_s),
                filament_g=grams,
                filament_mm=share * sum(each.filament_mm * many for each, many in copies),
                volume_cm3=share * sum(each.volume_cm3 * many for each, many in copies),
                layers=max(each.layers for each, _ in copies),
                support_g=None if None in supports else sum(filter(None, supports), Decimal(0)),
            )


def _with_one(figures: Sequence[tuple[Decimal, int]], overhead: Decimal) -> Decimal:
    """The sum of figures that hold an overhead each, of which one counts."""
    held = [(figure, many, min(overhead, figure)) for figure, many in figures]
    return sum(many * (figure - own) for figure, many, own in held) + max(own for _, _, own in held)


@dataclass(frozen=True, slots=True)
class Variant:
    """A slice of a mesh.

    Attributes:
        key: Of its result.
        stance: Equal texts: the same pose, and support where the other has some.
        profile_hash: Of its presets.
        figures: Of these.
    """

    key: str
    stance: str
    profile_hash: str
    figures: PresetFigures
    print_time_s: Positive
    filament_g: Positive


def variant_of(sliced: Sliced) -> Variant:
    """What estimates of other variants need of a slice."""
    plan, metrics = sliced.plan, sliced.result.metrics
    return Variant(
        key=sliced.key,
        stance=stance_of(plan, sliced.order),
        profile_hash=plan.presets.hash,
        figures=figures_for(plan, sliced.order),
        print_time_s=float(metrics.print_time_s),
        filament_g=float(metrics.filament_g),
    )


def stance_of(plan: Plan, order: Order) -> str:
    """What variants of a mesh must have in common to say something of each other."""
    setup = replace(plan.setup, layer_height_mm=0.0, sections=None)
    return f"{plan.engine.identity} {setup} {order.print_settings.supports}"


def figures_for(plan: Plan, order: Order) -> PresetFigures:
    """Of the presets, with what the order changes under the files' own keys."""
    machine, process, filament = plan.presets.all
    settings = order.print_settings
    changed = {process.own_key(key): value for key, value in settings.overrides}
    values = {**machine.values, **filament.values, **process.values, **changed}
    return preset_figures(values, replace(settings, overrides=()))


def to_text(kind: type[_T], note: _T) -> str:
    """Writes a note down."""
    return _adapter(cast("Hashable", kind)).dump_json(note).decode()


def to_note(kind: type[_T], text: str | None) -> _T | None:
    """Reads a note; None where it is none of this kind."""
    try:
        found = text and _adapter(cast("Hashable", kind)).validate_json(text)
    except ValidationError:
        return None
    return cast("_T | None", found or None)


@functools.cache  # made when it is used first: it costs the start some milliseconds
def _adapter(kind: Any) -> TypeAdapter[Any]:  # noqa: ANN401 - a type, or a tuple of one
    return TypeAdapter(kind)
