"""A folder with models and profiles in which a test runs the OrcaSlicer stand-in.

The profiles are complete and fit each other; a test changes single keys (None removes one).
"""

from __future__ import annotations

import json
import re
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.fakes.boxes import binary_stl
from tests.fakes.stand_in import install_stand_in
from tests.harness.shapes import box

MACHINE: dict[str, Any] = {
    "type": "machine",
    "name": "Test Machine",
    "from": "system",
    "gcode_flavor": "marlin",
    "printable_area": ["0x0", "250x0", "250x250", "0x250"],
    "printable_height": "250",
    "nozzle_diameter": ["0.4"],
    "machine_max_acceleration_extruding": ["10000"],
    "machine_start_gcode": "G28\nG1 X60 E9 F1000\nG92 E0",
    "machine_end_gcode": "M84",
    "before_layer_change_gcode": "G92 E0",
}
PROCESS: dict[str, Any] = {
    "type": "process",
    "name": "Test Process",
    "from": "system",
    "compatible_printers": ["Test Machine"],
    "layer_height": "0.2",
    "initial_layer_print_height": "0.2",
    "line_width": "0.45",
    "wall_loops": "3",
    "top_shell_layers": "4",
    "bottom_shell_layers": "3",
    "sparse_infill_density": "15%",
    "sparse_infill_pattern": "grid",
    "skirt_loops": "0",
    "default_acceleration": "1000",
}
FILAMENT: dict[str, Any] = {
    "type": "filament",
    "name": "Test PLA",
    "from": "system",
    "filament_type": ["PLA"],
    "filament_density": ["1.24"],
    "filament_diameter": ["1.75"],
    "filament_cost": ["20"],
    "filament_flow_ratio": ["0.98"],
    "filament_max_volumetric_speed": ["12"],
    "nozzle_temperature": ["220"],
}
_STAMP = re.compile(r"\[\d{4}-[^\]]*\] \[0x[0-9a-f]+\] ")


@dataclass(frozen=True, slots=True)
class Ran:
    """What one run of the stand-in left, read at once: the next run may overwrite it.

    Attributes:
        exit: Exit code; negative is a signal.
        stdout: Without timestamps and thread numbers.
        stderr: As it came.
        out: The output folder.
        files: Names in the output folder.
        result: `result.json`, empty when there is none or it is no JSON.
        gcode: `plate_1.gcode`, empty when there is none.
    """

    exit: int
    stdout: str
    stderr: str
    out: Path
    files: list[str]
    result: dict[str, Any]
    gcode: str

    def stated(self, key: str) -> str:
        """The value after `; key = ` in the G-code."""
        found = re.search(rf"(?m)^; {re.escape(key)} = (.*)$", self.gcode)
        assert found, f"the G-code does not state {key}"
        return found[1]

    @property
    def grams(self) -> float:
        """Total filament."""
        return float(self.stated("total filament used [g]"))

    @property
    def seconds(self) -> int:
        """Printing time."""
        text = self.stated("estimated printing time (normal mode)")
        unit = {"d": 86400, "h": 3600, "m": 60, "s": 1}
        return sum(int(part[:-1]) * unit[part[-1]] for part in text.split())

    def member(self, name: str) -> bytes:
        """One member of the project file."""
        with zipfile.ZipFile(self.out / "out.3mf") as archive:
            return archive.read(name)


class Bench:
    """The folder, the profiles in it, and the installed stand-in."""

    def __init__(self, folder: Path, **behaviour: object) -> None:
        self.folder = folder
        self.binary = install_stand_in(folder / "bin", **behaviour)
        self.out = folder / "out"
        for name in ("models", "profiles/bad", "out", "tmp"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self.model("cube", binary_stl(box(20, 20, 20, (10, 10, 0))))
        self.profile("machine", MACHINE)
        self.profile("process", PROCESS)
        self.profile("filament", FILAMENT)

    def model(self, name: str, content: bytes) -> str:
        """Writes a model; returns its path as arguments name it."""
        path = f"models/{name}.stl"
        (self.folder / path).write_bytes(content)
        return path

    def profile(self, name: str, content: dict[str, Any] | str, /, **changes: object) -> str:
        """Writes a profile with changed keys; returns its path as arguments name it."""
        path = f"profiles/{name}.json"
        if isinstance(content, dict):
            kept = {k: v for k, v in (content | changes).items() if v is not None}
            content = json.dumps(kept)
        (self.folder / path).write_text(content, encoding="utf-8")
        return path

    def arguments(
        self,
        *extra: str,
        model: str = "models/cube.stl",
        machine: str = "profiles/machine.json",
        process: str = "profiles/process.json",
        filament: str = "profiles/filament.json",
        arrange: str = "1",
    ) -> list[str]:
        """The arguments of a run that works, with extra ones before the model."""
        loads = ["--load-settings", f"{machine};{process}"]
        loads += ["--load-filaments", filament] if filament else []
        outputs = ["--outputdir", str(self.out), "--export-3mf", "out.3mf"]
        return ["--arrange", arrange, *loads, *outputs, *extra, model, "--slice", "0"]

    def run(self, *arguments: str, timeout: float = 60) -> Ran:
        """Runs the stand-in here with exactly these arguments."""
        done = subprocess.run(
            [str(self.binary), *arguments],
            cwd=self.folder,
            env={"TMPDIR": str(self.folder / "tmp")},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        gcode = self.out / "plate_1.gcode"
        return Ran(
            exit=done.returncode,
            stdout=_STAMP.sub("", done.stdout),
            stderr=done.stderr,
            out=self.out,
            files=sorted(path.name for path in self.out.iterdir()),
            result=_json(self.out / "result.json"),
            gcode=gcode.read_text(encoding="utf-8") if gcode.is_file() else "",
        )

    def slice(self, *extra: str, **choices: str) -> Ran:
        """Runs the stand-in with `arguments(...)`."""
        return self.run(*self.arguments(*extra, **choices))


def _json(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return content
