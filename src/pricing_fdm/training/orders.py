"""Which prints of a part become labels: the usual one first, then drawn ones."""

from __future__ import annotations

import random
from collections.abc import Iterator

from pricing_fdm.model import Order, Orientation, PrintQuality, PrintSettings, Supports
from pricing_fdm.order_request import usual
from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.slicers.presets.loaded_shop import LoadedShop, PrinterPresets

_USUAL_MATERIAL = "pla"
_USUAL_LAYER_UM = 200
_USUAL_INFILL = 20
_INFILLS = (10, 15, 15, 20, 20, 30, 40, 50, 70, 100)
_SUPPORTS = (Supports.AUTO, Supports.AUTO, Supports.NEVER, Supports.ALWAYS)
_ORIENTATIONS = (Orientation.AUTO, Orientation.AUTO, Orientation.AUTO, Orientation.KEEP)


def distinct_printers(loaded: LoadedShop) -> list[PrinterPresets]:
    """The printers of a shop, but only one of several with the same presets."""
    alike = {
        (printer.engine, *(presets.hash for presets in printer.samples())): printer
        for printer in reversed(loaded.printers)
    }
    return list(reversed(alike.values()))


def training_orders(
    loaded: LoadedShop, parts: list[str], rounds: int
) -> Iterator[tuple[int, Order]]:
    """What to slice, the most informative first, with the number of the part.

    Args:
        loaded: The shop.
        parts: A name of each part; the same name draws the same prints.
        rounds: How many prints of each part on each printer.
    """
    for number in range(rounds):
        for printer in distinct_printers(loaded):
            for index, name in enumerate(parts):
                draw = random.Random(f"{name} {number}")  # noqa: S311 - no secret
                yield index, _order(loaded.shop, printer, draw if number else None)


def _order(shop: Shop, printer: PrinterPresets, draw: random.Random | None) -> Order:
    qualities = [each for each in shop.qualities if each.id in printer.processes]
    materials = list(printer.filaments)
    if draw is None:
        heights = [each.layer_thickness for each in qualities]
        quality = qualities[heights.index(usual(_USUAL_LAYER_UM, heights))]
        settings = PrintSettings(
            usual(_USUAL_MATERIAL, materials),
            _USUAL_INFILL,
            PrintQuality(quality.id, quality.layer_thickness),
        )
        return Order(settings, printer=printer.id)
    quality = draw.choice(qualities)
    settings = PrintSettings(
        draw.choice(materials),
        draw.choice(_INFILLS),
        PrintQuality(quality.id, quality.layer_thickness),
        draw.choice(_SUPPORTS),
    )
    return Order(settings, printer=printer.id, orientation=draw.choice(_ORIENTATIONS))
