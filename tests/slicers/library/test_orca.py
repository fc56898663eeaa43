"""What OrcaSlicer's tree has for a printer."""

from __future__ import annotations

import json
import re
import time
import tracemalloc
from pathlib import Path

from pricing_fdm.slicers.library.installed import printers_in, vendors_in
from pricing_fdm.slicers.library.judging import usable
from pricing_fdm.slicers.library.offer import PrinterOffer
from pricing_fdm.slicers.library.snapshot import snapshot
from pricing_fdm.slicers.presets.file import Value
from tests.slicers.library.recorded import recorded_runs
from tests.slicers.library.trees import (
    FILAMENTS,
    MACHINES,
    PROCESSES,
    leaf,
    tiny_tree,
    write_vendor,
)


def offer_of(tree: Path, name: str = "Tiny one 0.4") -> PrinterOffer:
    remarks: list[str] = []
    found = next(
        each for each in printers_in(vendors_in([tree]), remarks) if each.printer.name == name
    )
    assert remarks == []
    return found.library.offer(found.printer)


def test_printers_are_listed_with_what_they_inherit(tmp_path: Path) -> None:
    """Nozzle and bed stand in a parent."""
    (found,) = printers_in(vendors_in([tiny_tree(tmp_path)]), [])
    assert (found.printer.name, found.printer.vendor) == ("Tiny one 0.4", "Tiny")
    assert (found.printer.nozzle, found.printer.bed) == ("0.4", "120 x 100 x 90")


def test_processes_are_those_that_name_the_printer_or_whose_condition_holds(tmp_path: Path) -> None:
    """The list counts before the condition, and the default comes first."""
    offer = offer_of(tiny_tree(tmp_path))
    assert [each.name for each in offer.processes] == ["0.20mm @Tiny", "0.10mm @Tiny"]
    assert offer.origin == "Tiny.json 02.03.01.10"


def test_filaments_for_all_printers_are_inherited_and_offered(tmp_path: Path) -> None:
    """Those that the vendor names for the model; `nil` stays, which means the machine's value."""
    offer = offer_of(tiny_tree(tmp_path))
    filaments = {each.name: each for each in offer.filaments}
    assert list(filaments) == ["Tiny PLA", "Generic ABS @System"]
    assert filaments["Tiny PLA"].chain == ("Generic PLA @System", "base")
    assert filaments["Tiny PLA"].values["filament_retraction_length"] == ("nil",)
    assert filaments["Generic ABS @System"].values["filament_retraction_length"] == ("0.5",)


def test_a_value_that_orcaslicer_ignores_is_named_and_the_parents_counts(tmp_path: Path) -> None:
    """A number without quotes is dropped by it in silence."""
    offer = offer_of(tiny_tree(tmp_path))
    assert "0.20mm @Tiny: wall_loops is no text; OrcaSlicer ignores it" in offer.remarks
    assert offer.processes[0].values["wall_loops"] == "2"


def test_the_snapshot_is_what_orcaslicer_and_our_reader_take(tmp_path: Path) -> None:
    """Of the system, for this machine, without parents, programs and hosts."""
    files = snapshot(offer_of(tiny_tree(tmp_path / "tree")), "t1")
    for file in files:
        (tmp_path / file.path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file.path).write_bytes(file.content)
    found = usable(files, tmp_path)
    assert set(found.processes) == {100, 200}
    assert set(found.filaments) == {"pla", "abs"}
    process = json.loads((tmp_path / found.processes[200].path).read_text())
    assert process["compatible_printers"] == ["Tiny one 0.4"]
    assert process["from"] == "system"
    assert not {"inherits", "post_process", "instantiation"} & process.keys()
    assert "print_host" not in json.loads(files[0].content)
    assert files[0].stripped == ("print_host",)


def test_what_is_wrong_with_single_presets_is_told(tmp_path: Path) -> None:
    """A cycle, a parent that is not there, a file that climbs out, a name that stands twice."""
    processes = {
        **PROCESSES,
        "ring": leaf(inherits="ring", layer_height="0.3"),
        "orphan": leaf(inherits="gone", layer_height="0.3"),
    }
    tree = tiny_tree(tmp_path, processes=processes)
    index = json.loads((tree / "Tiny.json").read_text())
    index["process_list"] += [
        {"name": "climber", "sub_path": "../../secret.json"},
        {"name": "lost", "sub_path": "process/lost.json"},
        {"name": "orphan", "sub_path": "process/0.json"},
    ]
    (tree / "Tiny.json").write_text(json.dumps(index))
    offer = offer_of(tree)
    told = "\n".join(offer.remarks)
    assert len(offer.processes) == 2
    for fault in (
        "ring: inherits from itself: ring > ring",
        "orphan: inherits from gone, which is not in the library",
        "../../secret.json leads out of the library",
        "Tiny/process/lost.json: cannot be read (No such file or directory)",
        "orphan: stands in the index twice; the first counts",
    ):
        assert fault in told


def test_a_vendor_whose_index_is_no_json_does_not_hide_the_others(tmp_path: Path) -> None:
    """Nor does one that is nested ten thousand deep."""
    tree = tiny_tree(tmp_path)
    for vendor in ("Bad", "Deep"):
        write_vendor(tree, vendor, machines=MACHINES)
    (tree / "Bad.json").write_text("{")
    (tree / "Deep.json").write_text("[" * 100_000)
    remarks: list[str] = []
    assert len(list(printers_in(vendors_in([tree]), remarks))) == 1
    assert remarks == ["Bad.json: is not JSON.", "Deep.json: is not JSON."]


def test_a_printer_among_ten_thousand_presets_is_found_in_seconds(tmp_path: Path) -> None:
    """Only machines are read for the list, and only its vendor's presets for a printer."""
    many = {f"Filament {n}": leaf(inherits="base", compatible_printers=["X"]) for n in range(500)}
    for number in range(20):
        machines = {f"M{number}": leaf(**MACHINES["common"])}
        write_vendor(tmp_path, f"Vendor{number}", machines=machines, filaments=many)
    tiny_tree(tmp_path, filaments=FILAMENTS)
    start_s = time.process_time()
    assert len(list(printers_in(vendors_in([tmp_path]), []))) == 21
    assert time.process_time() - start_s < 2
    assert offer_of(tmp_path).processes
    assert time.process_time() - start_s < 5


def test_flattened_presets_are_what_orcaslicer_used(tmp_path: Path) -> None:
    """Every value that they hold and that the slicer repeats, in every recorded run."""
    offers: dict[tuple[Path, str], PrinterOffer] = {}
    for run in recorded_runs(tmp_path):
        key = (run.tree, run.printer)
        offer = offers[key] = offers.get(key) or offer_of(*key)
        (process,) = (each for each in offer.processes if each.name == run.process)
        (filament,) = (each for each in offer.filaments if each.name == run.filament)
        values = {**offer.machine.values, **process.values, **filament.values}
        compared = [name for name in values if run.comparable(name)]
        assert len(compared) >= 7
        for name in compared:
            used = run.reported[name]
            assert _spelled(values[name]) == _spelled(used), (run.printer, name)


def _spelled(value: Value) -> str:
    """A value in one way of several: separators, quotes, line breaks, zeros at a number's end."""
    texts = [value] if isinstance(value, str) else value
    text = ",".join(texts).replace("\\n", "\n").replace("\\", "").replace('"', "")
    text = text.replace(";", ",").strip()
    return f"{float(text):g}" if re.fullmatch(r"-?[0-9]+\.[0-9]+", text) else text


def test_presets_for_other_printers_are_not_kept(tmp_path: Path) -> None:
    """A vendor may have thousands of them: 10,000 in 81 MB took half a gigabyte."""
    pad = {f"filament_{number}": ["x" * 100] for number in range(100)}
    other = leaf(inherits="process_common", compatible_printers=["Other"], **pad)
    processes = {**PROCESSES, **{f"Process {number}": other for number in range(400)}}
    tree = tiny_tree(tmp_path, processes=processes)
    (found,) = printers_in(vendors_in([tree]), [])
    tracemalloc.start()
    assert len(found.library.offer(found.printer).processes) == 2
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 2_000_000
