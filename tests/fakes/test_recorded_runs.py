"""The stand-in repeats the recorded runs of the real OrcaSlicer 2.3.1, case by case.

Each situation is rebuilt from its name and the documentation. What must agree: exit code, the
whole `result.json` but for its clocks, the files left behind, stdout and stderr.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.bench import FILAMENT, MACHINE, PROCESS, Bench
from tests.fakes.boxes import binary_stl
from tests.harness.shapes import ascii_stl, box, table

RECORDED: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "fixtures/recorded_runs.json").read_text(encoding="utf-8")
)
CUBE = box(20, 20, 20)
NOISE = bytes(n * 37 % 256 for n in range(1001))
# Leaves of a vendor's bundle: a few keys of their own, the rest behind `inherits`.
LEAF_MACHINE = {"before_layer_change_gcode": None, "inherits": "fdm_machine_common"}
LEAF_PROCESS = {"compatible_printers": None, "inherits": "fdm_process_common"}
LEAF_FILAMENT = {
    "filament_density": None,
    "filament_cost": None,
    "filament_max_volumetric_speed": None,
    "inherits": "fdm_filament_pla",
}

MODELS: dict[str, tuple[str, bytes | None, list[str]]] = {
    "nofile": ("nosuch", None, []),
    "corrupt_bin": ("garbage", NOISE, []),
    "corrupt_txt": ("garbage.txt", b"this is no model at all\n" * 20, []),
    "truncated": ("truncated", binary_stl(CUBE)[:-10], []),
    "header_only": ("header_only", bytes(80), []),
    "empty": ("empty", b"", []),
    "zerotri": ("zerotri", binary_stl([]), []),
    "flat": ("flat", binary_stl(CUBE[:1]), []),
    "toobig": ("big", binary_stl(box(300, 300, 300)), ["--arrange", "1"]),
    "toobig_noarr": ("big", binary_stl(box(300, 300, 300)), ["--arrange", "0"]),
    "wide": ("wide", binary_stl(box(260, 20, 20)), ["--arrange", "1"]),
    "wide_orient": ("wide", binary_stl(box(260, 20, 20)), ["--arrange", "1", "--orient", "1"]),
    "tall": ("tall", binary_stl(box(20, 20, 400)), ["--arrange", "1"]),
    "tall_orient": ("tall", binary_stl(box(20, 20, 400)), ["--arrange", "1", "--orient", "1"]),
    "tiny": ("tiny", binary_stl(box(0.02, 0.02, 0.02)), ["--arrange", "1"]),
    "nohole": ("nohole", binary_stl(CUBE[:-1]), ["--arrange", "1"]),
    "two": ("two", binary_stl(CUBE + box(5, 5, 5, (40, 0, 0))), ["--arrange", "1"]),
    "noarrange": ("cube", binary_stl(CUBE), ["--arrange", "0"]),
    "ascii": ("ascii", ascii_stl(CUBE), ["--arrange", "1"]),
}
MACHINES: dict[str, dict[str, Any]] = {
    "klipper": {"gcode_flavor": "klipper", "before_layer_change_gcode": None},
    "mach_raw": LEAF_MACHINE,
    "mach_user": {"from": "User", "name": "My Own", "inherits": "Test Machine"},
    "mach_user_noinh": {"from": "User"},
    "mach_time": {"machine_max_acceleration_extruding": ["500"], "time_cost": "10"},
    "mach_small": {"printable_area": ["0x0", "10x0", "10x10", "0x10"]},
    "mach_sla": {"printer_technology": "SLA"},
    "mach_absE": {"use_relative_e_distances": "0"},
}
PROCESSES: dict[str, dict[str, Any] | str] = {
    "incompat": {"compatible_printers": ["Another Machine"]},
    "proc_raw": LEAF_PROCESS,
    "proc_no_compat": {"compatible_printers": None},
    "proc_no_type": {"type": None},
    "proc_user": {"from": "User"},
    "proc_thick": {"layer_height": "0.5"},
    "proc_thickfirst": {"initial_layer_print_height": "0.5"},
    "proc_number": {"layer_height": 0.3},
    "proc_bool": {"enable_support": True},
    "proc_badenum": {"sparse_infill_pattern": "spaghetti"},
    "proc_negative": {"layer_height": "0"},
    "proc_support": {"enable_support": "1", "support_type": "tree(auto)"},
    "proc_supportn": {"enable_support": "1", "support_type": "normal(auto)"},
    "proc_gyroid40": {"sparse_infill_density": "40%", "sparse_infill_pattern": "gyroid"},
}
FILAMENTS: dict[str, dict[str, Any]] = {
    "fila_no_type": {"type": None},
    "fila_no_from": {"from": None},
    "fila_no_name": {"name": None},
    "fila_user_no_inherits": {"from": "User"},
    "fila_user_inherits": {"from": "User", "inherits": "Generic PLA"},
    "fila_project": {"from": "project"},
    "fila_unknown_key": {"no_such_key": ["1"]},
    "fila_scalar_temp": {"nozzle_temperature": "215"},
    "fila_number_temp": {"nozzle_temperature": 215},
    "fila_numlist_temp": {"nozzle_temperature": [215]},
    "fila_bad_value": {"nozzle_temperature": ["hot"]},
    "fila_with_inherits": {"inherits": "Generic PLA"},
    "fila_raw": LEAF_FILAMENT,
    "fila_nocost": {"filament_cost": None},
}
TEXTS = {"notjson": '{"type": "process",   ', "emptyjson": "", "missing_json": None}
# What the recording called the files of these cases.
FILE_NAMES = {"emptyjson": "empty", "missing_json": "nosuch"}


def arguments_of(case: str, bench: Bench) -> list[str]:
    """Builds the situation and returns the command line."""
    bad = f"bad/{FILE_NAMES.get(case, case)}"
    if case in MODELS:
        name, content, extra = MODELS[case]
        path = bench.model(name, content) if content is not None else f"models/{name}.stl"
        arrange = extra[1] if extra else "1"
        return bench.arguments(*extra[2:], model=path, arrange=arrange)
    if case in MACHINES:
        return bench.arguments(machine=bench.profile(bad, MACHINE, **MACHINES[case]))
    if case in FILAMENTS:
        return bench.arguments(filament=bench.profile(bad, FILAMENT, **FILAMENTS[case]))
    if case in TEXTS:
        text = TEXTS[case]
        path = f"profiles/{bad}.json" if text is None else bench.profile(bad, text)
        return bench.arguments(process=path)
    if case == "all_raw":
        return bench.arguments(
            machine=bench.profile("bad/machine", MACHINE, **LEAF_MACHINE),
            process=bench.profile("bad/process", PROCESS, **LEAF_PROCESS),
            filament=bench.profile("bad/filament", FILAMENT, **LEAF_FILAMENT),
        )
    model = "models/cube.stl"
    if case.startswith("proc_support"):
        model = bench.model("table", binary_stl(table()))
    changes = PROCESSES[case]
    assert isinstance(changes, dict)
    return bench.arguments(process=bench.profile(bad, PROCESS, **changes), model=model)


@pytest.mark.parametrize("case", RECORDED)
def test_a_recorded_run_is_repeated(case: str, bench: Bench) -> None:
    """The adapter is built against these answers; a stand-in that differs would mislead it."""
    recorded = RECORDED[case]
    ran = bench.run(*arguments_of(case, bench))
    plates = ran.result.get("sliced_plates", [])
    stdout = re.sub(r"(?m)^best:.*\n", "", re.sub(r"reason = .*", "reason = ...", ran.stdout))
    assert ran.exit == recorded["exit"]
    assert ran.result["return_code"] == recorded["return_code"]
    assert ran.result["error_string"] == recorded["error_string"]
    assert ran.result["plate_index"] == recorded["plate_index"]
    assert [plate["triangle_count"] for plate in plates] == recorded.get("triangles", [])
    assert ran.files == recorded["files"]
    assert stdout == recorded["stdout"]
    assert ran.stderr == recorded["stderr"]


def test_every_recorded_run_is_rebuilt() -> None:
    """A case that cannot be rebuilt would silently not be compared."""
    rebuilt = {*MODELS, *MACHINES, *PROCESSES, *FILAMENTS, *TEXTS, "all_raw"}
    assert set(RECORDED) == rebuilt
