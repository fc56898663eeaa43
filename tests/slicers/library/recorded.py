"""Runs of OrcaSlicer with flattened presets: what it was given, and what its G-code reports.

The suite's own run is of the tiny tree, by hand. Real ones lie beside the project, if at all.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.harness.models import recorded_orca_runs
from tests.slicers.library.trees import tiny_tree

# What the slicer rewrites of a value that it took.
_REWRITTEN = frozenset(
    {
        *("printer_settings_id", "print_settings_id", "filament_settings_id", "extruder_colour"),
        *("default_filament_profile", "thumbnails", "best_object_pos", "enable_prime_tower"),
        *("retract_before_wipe", "resolution", "support_interface_speed"),
        "support_object_xy_distance",
    }
)
_OWN = {
    "layer_height": "0.2",
    "wall_loops": "2",
    "top_shell_layers": "4",
    "nozzle_diameter": "0.4",
    "retraction_length": "0.8",
    "filament_density": "1.24",
    "filament_retraction_length": "nil",
}


@dataclass(frozen=True, slots=True)
class Run:
    """One run.

    Attributes:
        reported: The settings of the G-code.
    """

    tree: Path
    printer: str
    process: str
    filament: str
    reported: Mapping[str, str]

    def comparable(self, key: str) -> bool:
        """Whether the G-code repeats a value as it was given."""
        return key in self.reported and key not in _REWRITTEN


def recorded_runs(folder: Path) -> Iterator[Run]:
    """All of them; a tree is written to the folder."""
    names = ("Tiny one 0.4", "0.20mm @Tiny", "Tiny PLA")
    yield Run(tiny_tree(folder), *names, _OWN)
    beside = recorded_orca_runs()
    for path in sorted((beside / "expected").glob("*--*.json")):
        run = json.loads(path.read_text())
        names = (run["printer"], run["process"], run["filament"])
        yield Run(beside / "profiles", *names, run["config"])
