"""A shop with several printers: which of them prints an order, and what its slicers can do."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pricing_fdm.assembly import Assembly
from pricing_fdm.errors import ModelExceedsBuildVolume
from pricing_fdm.model import Download, Order, PrintQuality, PrintSettings
from pricing_fdm.quoting.options import quote_options
from pricing_fdm.quoting.quote import Quote
from pricing_fdm.quoting.timing import StageTimer
from pricing_fdm.quoting.workshop import PassedOver, PrinterChoice
from tests.harness.assembled import run_assembled
from tests.harness.puppet import install_fake_orca
from tests.harness.shapes import binary_stl, box
from tests.slicers.profile_folder import ProfileFolder

TWO_PRINTERS = Path(__file__).parents[1] / "fixtures" / "two_printers"
ORDER = Order(PrintSettings("pla", 20, PrintQuality("standard", 200)))
SMALL = PrinterChoice("dev200", "Infinity3D DEV-200")
TOO_LARGE_FOR_THE_FIRST = (240.0, 240.0, 4.0)
CUBE = (20.0, 20.0, 20.0)

Story = Callable[..., Any]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Story:
    """Runs a story with the shop of two printers, and the puppet as the slicer."""
    return functools.partial(run_assembled, monkeypatch, tmp_path, SHOP_DIR=str(TWO_PRINTERS))


def source_of(size: tuple[float, float, float]) -> Callable[[Path], Any]:
    async def source(destination: Path) -> Download:
        content = binary_stl(box(*size))
        await asyncio.to_thread(destination.write_bytes, content)
        return Download(destination, len(content), hashlib.sha256(content).hexdigest())

    return source


async def quoted(
    assembly: Assembly, size: tuple[float, float, float], order: Order = ORDER
) -> Quote:
    assert assembly.pipeline is not None
    return await assembly.pipeline.quote(order, source_of(size), StageTimer())


def test_the_first_printer_that_will_do_prints_it(run: Story) -> None:
    """The shop file's order is its owner's preference."""
    quote = run(lambda assembly: quoted(assembly, CUBE))
    assert quote.printer == SMALL


def test_a_part_that_does_not_fit_goes_to_the_next(run: Story) -> None:
    """The answer says why."""
    quote = run(lambda assembly: quoted(assembly, TOO_LARGE_FOR_THE_FIRST))
    assert (quote.printer.id, quote.printer.name) == ("voron", "Voron 2, 0.6 mm")
    (passed,) = quote.printer.passed_over
    assert passed.id == "dev200"
    assert "measures 240 x 240 x 4 mm" in passed.reason
    assert "prints 200 x 200 x 235 mm" in passed.reason


def test_the_real_slicer_gives_each_printers_figures(run: Story) -> None:
    """PrusaSlicer with a 0.4 mm and a 0.6 mm nozzle; the second part fits the second bed only."""

    async def story(assembly: Assembly) -> tuple[Quote, ...]:
        on_second = replace(ORDER, printer="voron")
        return (
            await quoted(assembly, CUBE),
            await quoted(assembly, CUBE, on_second),
            await quoted(assembly, TOO_LARGE_FOR_THE_FIRST),
        )

    program = shutil.which("prusa-slicer")
    assert program is not None, "PrusaSlicer is missing; run `make setup`"
    first, second, large = run(story, PRUSA_BINARY=program)
    assert (first.printer.id, second.printer.id, large.printer.id) == ("dev200", "voron", "voron")
    assert second.metrics.filament_g * 10 > first.metrics.filament_g * 11
    assert first.engine.profile_hash != second.engine.profile_hash == large.engine.profile_hash
    assert large.metrics.filament_g > 5 * second.metrics.filament_g


def test_a_printer_that_is_named_is_the_one(run: Story) -> None:
    """Also where another is preferred; nothing was passed over then."""
    quote = run(lambda assembly: quoted(assembly, CUBE, replace(ORDER, printer="voron")))
    assert quote.printer == PrinterChoice("voron", "Voron 2, 0.6 mm")


def test_a_printer_that_is_named_may_refuse(run: Story) -> None:
    """With its own reason and no other printer's."""
    order = replace(ORDER, printer="dev200")
    with pytest.raises(ModelExceedsBuildVolume) as caught:
        run(lambda assembly: quoted(assembly, TOO_LARGE_FOR_THE_FIRST, order))
    assert caught.value.detail.startswith("The part measures 240 x 240 x 4 mm, the printer prints")


def test_a_part_that_fits_none_is_refused_with_all_sizes(run: Story) -> None:
    """The caller sees by how much, printer by printer."""
    with pytest.raises(ModelExceedsBuildVolume) as caught:
        run(lambda assembly: quoted(assembly, (300.0, 300.0, 4.0)))
    detail = caught.value.detail
    assert detail.startswith("The part fits none of the printers. Infinity3D DEV-200: ")
    assert "300 x 300 x 4 mm" in detail
    assert "200 x 200 x 235 mm" in detail
    assert "; Voron 2, 0.6 mm: " in detail
    assert "256 x 256 x 250 mm" in detail


def test_a_printer_without_the_material_is_passed_over(run: Story, tmp_path: Path) -> None:
    """It is said which of the two it lacks."""
    shop = tmp_path / "shop"
    shutil.copytree(TWO_PRINTERS, shop)
    text = (shop / "shop.toml").read_text()
    petg = 'name = "PLA"\ncost_per_kg = "20.00"\npresets = { voron = "voron/pla.ini" }\n'
    (shop / "shop.toml").write_text(f'{text}\n[[materials]]\nid = "silk"\n{petg}')
    order = replace(ORDER, print_settings=replace(ORDER.print_settings, material="silk"))
    quote = run(lambda assembly: quoted(assembly, CUBE, order), SHOP_DIR=str(shop))
    assert quote.printer == PrinterChoice(
        "voron", "Voron 2, 0.6 mm", (PassedOver("dev200", "It does not print PLA."),)
    )


def test_equal_presets_share_a_slice(run: Story, tmp_path: Path) -> None:
    """Two brands, or two colours, of one filament: one slice, whatever its name."""
    shop = tmp_path / "shop"
    shutil.copytree(TWO_PRINTERS, shop)
    text = (shop / "shop.toml").read_text()
    table = text[text.index("[[materials]]") : text.index("[tariff]")]
    gold = table.replace('id = "pla"', 'id = "gold"').replace("20.00", "60.00")
    (shop / "shop.toml").write_text(text.replace(table, f"{table}{gold}"))
    other = replace(ORDER, print_settings=replace(ORDER.print_settings, material="gold"))

    async def story(assembly: Assembly) -> tuple[Quote, Quote]:
        return await quoted(assembly, CUBE), await quoted(assembly, CUBE, other)

    plain, golden = run(story, SHOP_DIR=str(shop))
    assert (plain.cached, golden.cached) == (False, True)
    assert golden.metrics == plain.metrics
    assert golden.price.total > plain.price.total


@pytest.mark.parametrize(
    "other",
    [
        replace(ORDER, printer="voron"),
        replace(
            ORDER, print_settings=replace(ORDER.print_settings, overrides=(("wall_loops", "4"),))
        ),
    ],
    ids=["printer", "override"],
)
def test_what_changes_the_print_changes_the_key(run: Story, other: Order) -> None:
    """Another printer, or a setting of the slicer."""

    async def story(assembly: Assembly) -> tuple[bool, bool, bool]:
        first = await quoted(assembly, CUBE)
        second = await quoted(assembly, CUBE, other)
        again = await quoted(assembly, CUBE, other)
        return first.cached, second.cached, again.cached

    assert run(story) == (False, False, True)


def test_options_may_be_printed_on_different_printers(run: Story) -> None:
    """One model, fetched once."""

    async def story(assembly: Assembly) -> list[str]:
        assert assembly.pipeline is not None
        orders = [ORDER, replace(ORDER, printer="voron"), replace(ORDER, quantity=5)]
        options = await quote_options(assembly.pipeline, orders, source_of(CUBE), StageTimer())
        quotes = [option.outcome for option in options]
        assert all(isinstance(quote, Quote) for quote in quotes)
        return [quote.printer.id for quote in quotes if isinstance(quote, Quote)]

    assert run(story) == ["dev200", "voron", "dev200"]


def test_one_service_slices_with_two_slicers(run: Story, tmp_path: Path) -> None:
    """OrcaSlicer for the bundled printer, PrusaSlicer for one with its own presets."""
    folder = ProfileFolder(tmp_path / "shop")
    shutil.copytree(TWO_PRINTERS / "voron", folder.path / "voron")
    folder.add_to_shop(
        '\n[[printers]]\nid = "voron"\nname = "Voron"\nengine = "prusa"\n'
        'preset = "voron/printer.ini"\n'
    )
    folder.shop(
        'presets = { fdm-200 = "process_standard.json" }',
        'presets = { fdm-200 = "process_standard.json", voron = "voron/0.20mm.ini" }',
    )
    folder.shop(
        'presets = { fdm-200 = "filament_pla.json" }',
        'presets = { fdm-200 = "filament_pla.json", voron = "voron/pla.ini" }',
    )

    async def story(assembly: Assembly) -> tuple[str, str]:
        first = await quoted(assembly, CUBE)
        second = await quoted(assembly, TOO_LARGE_FOR_THE_FIRST)
        return first.engine.name, second.engine.name

    orca = install_fake_orca(tmp_path / "orca")
    environment = {"SHOP_DIR": str(folder.path), "SLICER": "auto", "ORCA_BINARY": str(orca)}
    assert run(story, **environment) == ("orca", "prusa")


def test_what_a_slicer_cannot_do_is_found_when_the_shop_is_loaded(
    run: Story, tmp_path: Path
) -> None:
    """Each word that a request may give is tried on the printer's slicer."""
    folder = ProfileFolder(tmp_path / "shop")
    folder.add_to_shop('\n[overrides]\nsparse_infill_pattern = ["grid", "crosshatch"]\n')

    async def story(assembly: Assembly) -> str:
        assert assembly.pipeline is None
        (check,) = (each for each in assembly.readiness.checks() if each.name == "slicer")
        return check.detail

    detail = run(story, SHOP_DIR=str(folder.path))
    assert "sparse_infill_pattern: is crosshatch; PrusaSlicer can only be told" in detail
