"""What each printer of a shop would charge, from as few readings of the model as can be."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pricing_fdm.assembly import Assembly
from pricing_fdm.model import Order, PrintQuality, PrintSettings
from pricing_fdm.quoting.estimate_record import EstimateRecord
from pricing_fdm.quoting.estimating import Estimate, Estimator
from pricing_fdm.quoting.timing import StageTimer
from tests.harness.assembled import run_assembled
from tests.quoting.fitted import fitted_model
from tests.quoting.test_workshop import TWO_PRINTERS, source_of

ORDER = Order(PrintSettings("pla", 20, PrintQuality("standard", 200)))
CUBE = (20.0, 20.0, 20.0)

Estimated = Callable[..., tuple[Estimate, int]]


@pytest.fixture
def estimated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Estimated:
    """The estimate of a box by a shop, and how often it was read."""

    def run(shop: Path, order: Order = ORDER, size: tuple[float, ...] = CUBE) -> Any:
        async def story(assembly: Assembly) -> tuple[Estimate, int]:
            pipeline = assembly.pipeline
            assert pipeline is not None
            printers = pipeline.workshop.loaded.printers
            model = fitted_model(each.chosen("standard", "pla").hash for each in printers)
            reads: list[object] = []
            reader = pipeline.inspector.reader
            inspect = reader.inspect

            async def counted(model: Path, clean: Path, task: Any, told: Any) -> object:
                reads.append(task)
                return await inspect(model, clean, task, told)

            monkeypatch.setattr(reader, "inspect", counted)
            estimator = Estimator(EstimateRecord(), lambda _folder, _engine: model)
            source = source_of((size[0], size[1], size[2]))
            found = await estimator.estimate(pipeline, order, source, StageTimer())
            return found, len(reads)

        return run_assembled(monkeypatch, tmp_path, story, SHOP_DIR=str(shop))

    return run


def shop_of(folder: Path, beds: list[int]) -> Path:
    """A shop with the first printer as often as there are beds, of these heights in mm."""
    shutil.copytree(TWO_PRINTERS, folder)
    text = (folder / "shop.toml").read_text()
    printer = (folder / "dev200" / "printer.ini").read_text()
    entries, presets = "", {"0.20mm": "", "pla": ""}
    for number, height_mm in enumerate(beds):
        preset = printer.replace("max_print_height = 235", f"max_print_height = {height_mm}")
        (folder / "dev200" / f"p{number}.ini").write_text(preset)
        entries += f'[[printers]]\nid = "p{number}"\nname = "P{number}"\nengine = "prusa"\n'
        entries += f'preset = "dev200/p{number}.ini"\nrate_per_hour = "{number + 1}"\n\n'
        for name in presets:
            presets[name] += f'p{number} = "dev200/{name}.ini", '
    text = text.partition("[[printers]]")[0] + entries + "[[qual" + text.partition("[[qual")[2]
    for name, all_of_it in presets.items():
        line = f'{{ dev200 = "dev200/{name}.ini", voron = "voron/{name}.ini" }}'
        assert line in text
        text = text.replace(line, f"{{ {all_of_it.rstrip(', ')} }}")
    (folder / "shop.toml").write_text(text)
    return folder


def test_each_printer_that_could_print_it_has_its_own_figures(estimated: Estimated) -> None:
    """The first that will do stays the chosen one; a nozzle of another width is read for itself."""
    found, reads = estimated(TWO_PRINTERS)
    named, _ = estimated(TWO_PRINTERS, replace(ORDER, printer="voron"))
    assert [each.printer.id for each in found.printers] == ["dev200", "voron"]
    assert found.printer.id == "dev200"
    assert [each.price for each in found.printers] == [found.price, named.price]
    assert None is not found.price != named.price
    assert reads == 2


@pytest.mark.parametrize(
    ("order", "size"),
    [(replace(ORDER, printer="voron"), CUBE), (ORDER, (240.0, 240.0, 4.0))],
    ids=["named", "fits one"],
)
def test_where_there_is_no_choice_no_printers_are_compared(
    estimated: Estimated, order: Order, size: tuple[float, ...]
) -> None:
    """The one that is left prints it."""
    found, _ = estimated(TWO_PRINTERS, order, size)
    assert (found.printer.id, found.printers) == ("voron", ())


def test_printers_with_alike_presets_share_a_reading_and_not_all_are_compared(
    estimated: Estimated, tmp_path: Path
) -> None:
    """A shop with a dozen of a kind costs one reading; the rest can be asked for by name."""
    found, reads = estimated(shop_of(tmp_path / "shop", [235] * 12))
    assert reads == 1
    assert [each.printer.id for each in found.printers] == [f"p{number}" for number in range(12)]
    prices = [each.price.likely for each in found.printers if each.price is not None]
    assert len(prices) == 8
    assert prices == sorted(set(prices))
    assert {each.reason for each in found.printers[8:]} == {
        "Ask for this printer by its id to have it estimated."
    }


def test_a_part_that_beds_may_turn_is_read_for_each_of_a_few_beds(
    estimated: Estimated, tmp_path: Path
) -> None:
    """A tall part may have to lie on a lower printer; others are left out, with the reason."""
    shop = shop_of(tmp_path / "shop", [235, 150, 160, 170, 180, 181])
    found, reads = estimated(shop, ORDER, (20.0, 20.0, 180.0))
    assert reads == 4
    assert [each.price is not None for each in found.printers] == [True] * 4 + [False] * 2
