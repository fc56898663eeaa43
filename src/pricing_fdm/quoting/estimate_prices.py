"""Prices a prediction by the rules of a quote: both ends of the range, and what is likely."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pricing_fdm.estimate.features import Sections
from pricing_fdm.estimate.predict import Prediction
from pricing_fdm.estimate.preset_figures import PresetFigures
from pricing_fdm.model import Metrics, Order, Part
from pricing_fdm.pricing.job import Job, Plate
from pricing_fdm.pricing.quote import Price, price
from pricing_fdm.quoting.complexity import complexity
from pricing_fdm.quoting.estimate_notes import Overhead
from pricing_fdm.quoting.workshop import Plan
from pricing_fdm.shop.catalogue import Shop

_MM3_PER_CM3 = 1000


@dataclass(frozen=True, slots=True)
class PricedFigures:
    """One end of a range: the figures of one part, and the price of the order."""

    metrics: Metrics
    price: Price


@dataclass(frozen=True, slots=True)
class Figures:
    """What an order would come to."""

    low: PricedFigures
    likely: PricedFigures
    high: PricedFigures


@dataclass(frozen=True, slots=True)
class Measured:
    """A part as it would be printed on a printer, and all that a prediction looks at."""

    plan: Plan
    part: Part
    sections: Sections
    figures: PresetFigures


@dataclass(frozen=True, slots=True)
class Pricing:
    """What all ends of a range are priced with.

    Attributes:
        plates: How many copies are on a plate, and how many such plates there are.
        overhead: What a plate takes besides its copies.
    """

    order: Order
    shop: Shop
    waiting_hours: Decimal | None
    plates: tuple[tuple[int, int], ...]
    overhead: Overhead

    def figures(self, measured: Measured, ends: Sequence[float]) -> PricedFigures:
        """Prices one end."""
        part, metrics = measured.part, _metrics(measured, *ends)
        printer = measured.plan.printer.id
        heat_up_s = self.shop.printer(printer).heat_up_s
        job = Job(
            order=self.order,
            shop=self.shop,
            printer=printer,
            plates=tuple(
                Plate(copies, times, self.overhead.of_plate(metrics, copies), heat_up_s)
                for copies, times in self.plates
            ),
            copy=metrics,
            complexity=complexity(part, metrics),
            surface_cm2=part.surface_cm2,
            now=dt.datetime.now(dt.UTC),
            warnings=part.warnings,
            backlog_hours=self.waiting_hours,
        )
        return PricedFigures(metrics, price(job))


def priced_figures(measured: Measured, predicted: Prediction, pricing: Pricing) -> Figures:
    """The prices of what was predicted."""
    ranges = predicted.print_time_s, predicted.filament_g, predicted.support_g
    return Figures(
        pricing.figures(measured, [each.low for each in ranges]),
        pricing.figures(measured, [each.likely for each in ranges]),
        pricing.figures(measured, [each.high for each in ranges]),
    )


def likely_metrics(measured: Measured, predicted: Prediction) -> Metrics:
    """The figures of one copy, as far as they can be told."""
    ranges = predicted.print_time_s, predicted.filament_g, predicted.support_g
    return _metrics(measured, *(each.likely for each in ranges))


def _metrics(
    measured: Measured, print_time_s: float, filament_g: float, support_g: float
) -> Metrics:
    """As a slice would state them; length and volume follow from the weight."""
    filament = measured.plan.presets.filament
    density, diameter = (
        float(filament.text(key)) for key in ("filament_density", "filament_diameter")
    )
    volume_cm3 = filament_g / density
    section_mm2 = math.pi * diameter**2 / 4
    return Metrics(
        print_time_s=_decimal(print_time_s),
        filament_mm=_decimal(volume_cm3 * _MM3_PER_CM3 / section_mm2),
        filament_g=_decimal(filament_g),
        volume_cm3=_decimal(volume_cm3),
        layers=math.ceil(measured.part.pose.dimensions_mm[2] / measured.figures.layer_height),
        support_g=_decimal(min(support_g, filament_g)),
    )


def _decimal(figure: float) -> Decimal:
    return Decimal(f"{figure:.4f}")
