"""The shop in force: what it offers, its presets, and the slicer of each printer.

One value that never changes. Another shop is another workshop, which takes the place of this one;
quotes that run end with the one they began with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pricing_fdm.errors import ModelExceedsBuildVolume, PricingError
from pricing_fdm.model import AUTO_PRINTER, Order
from pricing_fdm.quoting.inspection import PrintSetup
from pricing_fdm.shop.catalogue import Bounds, Override, Shop
from pricing_fdm.shop.faults import Fault, ShopError
from pricing_fdm.slicers.engine import Engine
from pricing_fdm.slicers.presets.chosen import ChosenPresets
from pricing_fdm.slicers.presets.loaded_shop import LoadedShop, PrinterPresets


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
        """Brings them together, if the engines can do all that the shop offers.

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

    def passed_over(
        self, order: Order, chosen: str, too_small: Mapping[str, str]
    ) -> tuple[PassedOver, ...]:
        """The printers before the chosen one; none where the order names its printer.

        Args:
            order: What was ordered.
            chosen: The printer's id.
            too_small: Why the part does not fit, by the ids of the printers that were tried.
        """
        if order.printer != AUTO_PRINTER:
            return ()
        ids = [printer.id for printer in self.shop.printers]
        reasons = [(each, too_small.get(each) or self._lacks(each, order)) for each in ids]
        before = reasons[: ids.index(chosen)]
        return tuple(PassedOver(each, reason) for each, reason in before if reason)

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


def fits_no_printer(tried: Sequence[tuple[Plan, ModelExceedsBuildVolume]]) -> PricingError:
    """The refusal of a part that is too large for every printer that was tried."""
    if len(tried) == 1:
        return tried[0][1]
    each = "; ".join(f"{plan.printer.name}: {refusal.detail}" for plan, refusal in tried)
    logged = "; ".join(str(refusal.log_detail or "") for _, refusal in tried)
    return ModelExceedsBuildVolume(f"The part fits none of the printers. {each}", log_detail=logged)
