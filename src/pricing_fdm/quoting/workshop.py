"""The shop in force: what it offers, its presets, and the slicer of each printer.

A workshop never changes: a new version of the shop is a new workshop. A quote ends with the one
that it began with.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pricing_fdm.errors import ModelExceedsBuildVolume, PricingError
from pricing_fdm.model import AUTO_PRINTER, Order
from pricing_fdm.quoting.inspector import PrintSetup
from pricing_fdm.shop.catalogue import Bounds, Override, Shop
from pricing_fdm.shop.faults import Fault, ShopError
from pricing_fdm.slicers.engine import Engine
from pricing_fdm.slicers.presets.chosen import ChosenPresets
from pricing_fdm.slicers.presets.loaded_shop import LoadedShop, PrinterPresets

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Plan:
    """How an order would be printed on one printer."""

    printer: PrinterPresets
    engine: Engine
    presets: ChosenPresets
    setup: PrintSetup


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A printer that stands before the chosen one in the shop file, and why it is not chosen."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class PrinterChoice:
    """On which printer an order is printed, and why on none of those before it."""

    id: str
    name: str
    passed_over: tuple[PassedOver, ...] = ()


@dataclass(frozen=True, slots=True)
class Workshop:
    """A shop with everything that its quotes need.

    Attributes:
        engines: By the printer's id.
    """

    loaded: LoadedShop
    engines: Mapping[str, Engine]

    @property
    def shop(self) -> Shop:
        """What is offered, and what it costs."""
        return self.loaded.shop

    @classmethod
    def fitted(cls, loaded: LoadedShop, engines: Mapping[str, Engine]) -> Workshop:
        """The workshop, if the engines can do all that the shop offers.

        Raises:
            ShopError: They cannot; everything that they cannot do is named.
        """
        workshop = cls(loaded, engines)
        faults = dict.fromkeys(workshop._engine_faults())
        if faults:
            raise ShopError(faults)
        return workshop

    def plans(self, order: Order) -> tuple[Plan, ...]:
        """The printers that an order may be printed on, the preferred one first."""
        return tuple(
            self._plan(printer, order)
            for printer in self.loaded.printers
            if order.printer in {AUTO_PRINTER, printer.id} and not self._lacks(printer.id, order)
        )

    async def first_fit(
        self, order: Order, work: Callable[[Plan], Awaitable[T]]
    ) -> tuple[Plan, PrinterChoice, T]:
        """Does the work for the first printer that the part fits.

        Raises:
            ModelExceedsBuildVolume: It fits none.
        """
        tried: list[tuple[Plan, ModelExceedsBuildVolume]] = []
        for plan in self.plans(order):
            try:
                outcome = await work(plan)
            except ModelExceedsBuildVolume as error:
                tried.append((plan, error))
            else:
                return plan, self._choice(order, plan.printer, tried), outcome
        raise _fits_no_printer(tried)

    def _choice(
        self,
        order: Order,
        chosen: PrinterPresets,
        tried: Sequence[tuple[Plan, ModelExceedsBuildVolume]],
    ) -> PrinterChoice:
        """A printer, with the reasons against those before it unless the order names it."""
        if order.printer != AUTO_PRINTER:
            return PrinterChoice(chosen.id, chosen.name)
        too_small = {plan.printer.id: error.detail for plan, error in tried}
        ids = [printer.id for printer in self.shop.printers]
        before = ids[: ids.index(chosen.id)]
        reasons = ((each, too_small.get(each) or self._lacks(each, order)) for each in before)
        passed_over = tuple(PassedOver(each, reason) for each, reason in reasons if reason)
        return PrinterChoice(chosen.id, chosen.name, passed_over)

    def _lacks(self, printer_id: str, order: Order) -> str:
        """What a printer does not have for an order; empty if it has all."""
        settings = order.print_settings
        material = self.shop.material(settings.material)
        quality = self.shop.quality(settings.quality.id)
        lacking = [each.name for each in (material, quality) if printer_id not in each.presets]
        return f"It does not print {' in '.join(lacking)}." if lacking else ""

    def _plan(self, printer: PrinterPresets, order: Order) -> Plan:
        settings = order.print_settings
        setup = PrintSetup(
            order.unit,
            order.orientation,
            float(settings.quality.height_mm),
            printer.line_width_mm(settings.quality.id),
            printer.build_volume,
        )
        presets = printer.chosen(settings.quality.id, settings.material)
        return Plan(printer, self.engines[printer.id], presets, setup)

    def _engine_faults(self) -> Iterator[Fault]:
        """What the engines cannot do; presets that several printers share are asked for once."""
        asked: set[tuple[Engine, object]] = set()
        for printer in self.loaded.printers:
            engine = self.engines[printer.id]
            for presets in printer.samples():
                pair = engine, (presets.machine.path, presets.process.path)
                single = engine, presets.filament.path
                if {pair, single} - asked:
                    asked |= {pair, single}
                    yield from engine.faults(presets)
            sample = next(printer.samples())
            for overrides in _extremes(self.shop.overrides):
                yield from engine.faults(sample, overrides)


def _extremes(allowed: Mapping[str, Override]) -> Iterator[Mapping[str, str]]:
    """Each word that a request may give for a setting, and the ends of each range."""
    for key, values in allowed.items():
        ends = (f"{values.min:g}", f"{values.max:g}") if isinstance(values, Bounds) else values
        yield from ({key: value} for value in ends)


def _fits_no_printer(tried: Sequence[tuple[Plan, ModelExceedsBuildVolume]]) -> PricingError:
    """The refusal of a part that is too large for every printer that was tried."""
    if len(tried) == 1:
        return tried[0][1]
    each = "; ".join(f"{plan.printer.name}: {refusal.detail}" for plan, refusal in tried)
    logged = "; ".join(str(refusal.log_detail or "") for _, refusal in tried)
    return ModelExceedsBuildVolume(f"The part fits none of the printers. {each}", log_detail=logged)
