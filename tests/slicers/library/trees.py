"""A tree of OrcaSlicer's presets, small enough to be read in a test."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Preset = Mapping[str, Any]


def leaf(**values: object) -> dict[str, Any]:
    """A preset that can be chosen."""
    return {"from": "system", "instantiation": "true", **values}


MACHINES: dict[str, Preset] = {
    "common": {
        "printable_area": ["0x0", "120x0", "120x100", "0x100"],
        "printable_height": "90",
        "nozzle_diameter": ["0.4"],
        "gcode_flavor": "klipper",
        "printer_notes": "TINY",
        "print_host": "http://192.168.1.7",
        "retraction_length": ["0.8"],
    },
    "Tiny one 0.4": leaf(
        inherits="common", printer_model="Tiny one", default_print_profile="0.20mm @Tiny"
    ),
}
PROCESSES: dict[str, Preset] = {
    "process_common": {
        "wall_loops": "2",
        "support_type": "normal(auto)",
        "top_shell_layers": "4",
        "bottom_shell_layers": "3",
        "post_process": ["/x.sh"],
    },
    "0.10mm @Tiny": leaf(
        inherits="process_common",
        layer_height="0.1",
        compatible_printers_condition="printer_notes=~/TINY/ and ! single_extruder_multi_material",
    ),
    "0.20mm @Tiny": leaf(
        inherits="0.10mm @Tiny",
        layer_height="0.2",
        compatible_printers=["Tiny one 0.4"],
        compatible_printers_condition="",
        wall_loops=3,
    ),
    "0.30mm @Other": leaf(inherits="process_common", compatible_printers=["Other"]),
}
FILAMENTS: dict[str, Preset] = {
    "Tiny PLA": leaf(inherits="Generic PLA @System", filament_retraction_length=["nil"]),
}
SHARED: dict[str, Preset] = {
    "base": {
        "filament_density": ["1.24"],
        "filament_diameter": ["1.75"],
        "nozzle_temperature": ["210"],
        "filament_type": ["PLA"],
        "filament_flow_ratio": ["1"],
        "filament_cost": ["20"],
        "filament_max_volumetric_speed": ["12"],
        "filament_retraction_length": ["0.5"],
    },
    "Generic PLA @System": leaf(inherits="base"),
    "Generic ABS @System": leaf(inherits="base", filament_type=["ABS"]),
    "Generic PVA @System": leaf(inherits="base", filament_type=["PVA"]),
}


def write_vendor(
    folder: Path,
    name: str,
    *,
    machines: Mapping[str, Preset] | None = None,
    processes: Mapping[str, Preset] | None = None,
    filaments: Mapping[str, Preset] | None = None,
    materials: str = "",
) -> Path:
    """Writes a vendor's index and files; where the index is."""
    index: dict[str, Any] = {"name": name, "version": "02.03.01.10"}
    model = {"Tiny one": {"default_materials": materials}}
    groups = {"machine": machines, "process": processes, "filament": filaments}
    for kind, presets in {**groups, "machine_model": model}.items():
        entries = []
        for number, (title, preset) in enumerate((presets or {}).items()):
            path = f"{kind}/{number}.json"
            entries.append({"name": title, "sub_path": path})
            (folder / name / kind).mkdir(parents=True, exist_ok=True)
            content = {"type": kind, "name": title, **preset}
            (folder / name / path).write_text(json.dumps(content))
        index[f"{kind}_list"] = entries
    (folder / f"{name}.json").write_text(json.dumps(index))
    return folder / f"{name}.json"


def tiny_tree(folder: Path, **changes: Mapping[str, Preset]) -> Path:
    """A vendor of one printer, beside the filaments for all; the tree's folder."""
    write_vendor(folder, "OrcaFilamentLibrary", filaments=SHARED)
    own = {"machines": MACHINES, "processes": PROCESSES, "filaments": FILAMENTS, **changes}
    write_vendor(folder, "Tiny", materials="Tiny PLA;Generic ABS @System", **own)
    return folder
