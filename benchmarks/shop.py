"""A large shop: what it costs to load, and how far a reload delays the quotes beside it."""

from __future__ import annotations

import asyncio
import gc
import json
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Awaitable
from pathlib import Path

from benchmarks.place import Place
from benchmarks.report import Section, at_most
from benchmarks.spread import Spread
from pricing_fdm.settings.shop import bundled_shop_folder
from pricing_fdm.shop.load import load_shop
from pricing_fdm.shop_loading import in_background
from pricing_fdm.slicers.presets.loaded_shop import load_presets

NAME = "shop"

PRINTERS, QUALITIES, MATERIALS = 20, 12, 200
_REPEATS = 5
_TICK_S = 0.002
_STEPS_OF_A_QUOTE = 30  # how often a quote waits for its turn in the event loop
_MIB = 1024**2


def write_shop(folder: Path) -> None:
    """Writes a shop of that size; no two files are equal."""
    bundled = bundled_shop_folder()
    machine, process, filament = (
        json.loads((bundled / file).read_bytes())
        for file in ("machine.json", "process_standard.json", "filament_pla.json")
    )
    lines = ["schema = 1", 'name = "Large"', 'currency = "EUR"']
    for p in range(PRINTERS):
        _write(folder / f"m{p}.json", machine, name=f"M{p}")
        lines += _table("printers", f"p{p}", f'preset = "m{p}.json"')
    for q in range(QUALITIES):
        thickness = 100 + 10 * q
        for p in range(PRINTERS):
            height, meant_for = f"{thickness / 1000:g}", [f"M{p}"]
            name = f"q{q}p{p}"
            of_printer = {"layer_height": height, "compatible_printers": meant_for}
            _write(folder / f"{name}.json", process, name=name, **of_printer)
        files = ", ".join(f'p{p} = "q{q}p{p}.json"' for p in range(PRINTERS))
        rows = f"layer_thickness = {thickness}\npresets = {{ {files} }}"
        lines += _table("qualities", f"q{q}", rows)
    for m in range(MATERIALS):
        _write(folder / f"f{m}.json", filament, name=f"F{m}")
        files = ", ".join(f'p{p} = "f{m}.json"' for p in range(PRINTERS))
        lines += _table("materials", f"m{m}", f'cost_per_kg = "20"\npresets = {{ {files} }}')
    lines += ["[tariff]", 'machine_rate_per_hour = "10"']
    (folder / "shop.toml").write_text("\n".join(lines) + "\n", "utf-8")


def measure(_place: Place) -> Section:
    """Loads the shop several times, alone and beside a loop that wants its turn."""
    with tempfile.TemporaryDirectory(prefix="bench-shop-") as name:
        folder = Path(name)
        write_shop(folder)
        loads, delays = [], []
        for _ in range(_REPEATS):
            began = time.perf_counter()
            load_presets(load_shop(folder))
            loads.append(time.perf_counter() - began)
            delays.append(asyncio.run(_delay_ms(folder)))
        size_mb = _size_mb(folder)
    return Section(
        name=NAME,
        title="A large shop",
        how=(
            f"{PRINTERS} printers, {QUALITIES} qualities and {MATERIALS} materials in "
            f"{PRINTERS * (QUALITIES + 1) + MATERIALS} files, read and checked. The delay is that "
            f"of a quote that waits {_STEPS_OF_A_QUOTE} times for its turn in the event loop while "
            "a shop is loaded beside it, less the same without."
        ),
        claims=(
            at_most("loading and checking", Spread.of(loads), 1, " s"),
            at_most("memory that stays", Spread.of([size_mb]), 20, " MB"),
            at_most("delay of a quote during a reload", Spread.of(delays), 50, " ms", digits=1),
        ),
        samples={"load_s": loads, "size_mb": size_mb, "delay_ms": delays},
    )


async def _delay_ms(folder: Path) -> float:
    """How much later a quote is answered that runs while the shop is loaded."""
    usual = await _lateness_s(asyncio.sleep(0.2))
    loading = await _lateness_s(in_background(lambda: load_presets(load_shop(folder))))
    each_s = max(0.0, statistics.mean(loading) - statistics.mean(usual))
    return each_s * _STEPS_OF_A_QUOTE * 1000


async def _lateness_s(work: Awaitable[object]) -> list[float]:
    """How late the loop wakes up, each time, until the work is done."""
    task = asyncio.ensure_future(work)
    late = []
    while not task.done():
        began = time.perf_counter()
        await asyncio.sleep(_TICK_S)
        late.append(time.perf_counter() - began - _TICK_S)
    await task
    return late


def _size_mb(folder: Path) -> float:
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    kept = load_presets(load_shop(folder))
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept.printers
    return (after - before) / _MIB


def _write(path: Path, document: dict[str, object], **changes: object) -> None:
    path.write_text(json.dumps({**document, **changes}, indent=1), "utf-8")


def _table(array: str, identity: str, rows: str) -> list[str]:
    return [f"\n[[{array}]]", f'id = "{identity}"', f'name = "{identity.upper()}"', rows]
