"""Which prints become labels, and in which order."""

from __future__ import annotations

from pricing_fdm.model import Supports
from pricing_fdm.settings.shop import bundled_shop_folder
from pricing_fdm.shop.load import load_shop
from pricing_fdm.slicers.presets.loaded_shop import LoadedShop, load_presets
from pricing_fdm.training.orders import distinct_printers, training_orders


def _shop(copies: int = 1) -> LoadedShop:
    shop = load_shop(bundled_shop_folder())
    (printer,) = shop.printers
    ids = [f"printer-{number}" for number in range(copies)]
    printers = tuple(printer.model_copy(update={"id": each}) for each in ids)

    def on_all(presets: dict[str, str]) -> dict[str, str]:
        (path,) = presets.values()
        return dict.fromkeys(ids, path)

    return load_presets(
        shop.model_copy(
            update={
                "printers": printers,
                "qualities": tuple(
                    each.model_copy(update={"presets": on_all(dict(each.presets))})
                    for each in shop.qualities
                ),
                "materials": tuple(
                    each.model_copy(update={"presets": on_all(dict(each.presets))})
                    for each in shop.materials
                ),
            }
        )
    )


def test_the_usual_print_of_every_part_comes_first() -> None:
    """A run that is out of time has seen every part."""
    found = list(training_orders(_shop(), ["a", "b", "c"], 3))
    assert [index for index, _ in found] == [0, 1, 2] * 3
    first = [order.print_settings for _, order in found[:3]]
    assert {(each.material, each.infill_percent, each.supports) for each in first} == {
        ("pla", 20, Supports.AUTO)
    }
    assert len({order for _, order in found[3:]}) > 1


def test_the_same_name_draws_the_same_prints() -> None:
    """A run that goes on asks what the first one asked."""
    alone = [order for _, order in training_orders(_shop(), ["b"], 3)]
    among = [order for index, order in training_orders(_shop(), ["a", "b"], 3) if index == 1]
    assert alone == among


def test_printers_with_the_same_presets_are_sliced_for_once() -> None:
    """Twenty of one kind would take twenty nights."""
    assert len(distinct_printers(_shop(copies=3))) == 1
