"""Labels from a table of quotes that were made elsewhere, such as those of another slicer.

The table names the file, the settings, the figures and the pose that was printed. The parts
themselves are needed once, to measure them in that pose.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pricing_fdm.estimate.features import VERSION
from pricing_fdm.estimate.labels import Label, label_key
from pricing_fdm.estimate.preset_figures import preset_figures, section_plan
from pricing_fdm.estimate.rows import Row
from pricing_fdm.mesh.inspect import Judged, judge_model
from pricing_fdm.mesh.orientation.choice import in_pose
from pricing_fdm.mesh.sectioning.measure import measure
from pricing_fdm.model import PrintQuality, PrintSettings, Rotation, Supports
from pricing_fdm.slicers.presets.chosen import ChosenPresets
from pricing_fdm.slicers.presets.loaded_shop import LoadedShop, PrinterPresets
from pricing_fdm.training.parts import TrainingPart

_MOST_TRIANGLES = 4_000_000


@dataclass(frozen=True, slots=True)
class Table:
    """A table of quotes, and what made them.

    Attributes:
        path: A CSV file, `|`-free, with one quote in each row.
        engine: The slicer.
    """

    path: Path
    engine: str
    slicer: str

    def labels(
        self, parts: list[TrainingPart], loaded: LoadedShop, known: set[str]
    ) -> Iterator[Label]:
        """The label of each row that is a quote, on the first printer of the shop.

        Args:
            parts: The files that rows name, and others.
            loaded: The shop whose presets the quotes were made with.
            known: Keys of labels that are there already.
        """
        by_name = {part.path.name: part for part in parts}
        judged: tuple[str, Judged] | None = None
        with self.path.open(newline="", encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if row["status"] == "200"]
        for row in sorted(rows, key=lambda row: row["file"]):
            part = by_name.get(row["file"])
            if part is None:
                continue
            print_ = _print(row, loaded)
            key = print_.key(f"{self.engine} {self.slicer}", part)
            if key in known:
                continue
            known.add(key)
            if judged is None or judged[0] != row["file"]:
                judged = row["file"], _judged(part, loaded.printers[0])
            yield self._label(row, part, judged[1], print_)

    def _label(
        self, row: dict[str, str], part: TrainingPart, judged: Judged, print_: _Print
    ) -> Label:
        settings, presets = print_.settings, print_.presets
        figures = preset_figures(presets.values, settings)
        rotation = _rotation(row["rotation"])
        # Such quotes were made when the slicer alone ruled `auto`: all that hangs is supported.
        plan = section_plan(figures, settings.supports)
        posed = in_pose(judged.mesh, rotation)
        sections = measure(posed, plan, bodies=judged.bodies, needs_support=True)
        return Label(
            version=VERSION,
            engine=self.engine,
            slicer=self.slicer,
            printer=print_.printer,
            material=settings.material,
            quality=settings.quality.id,
            infill_percent=settings.infill_percent,
            supports=settings.supports,
            rotation=rotation,
            row=Row(
                family=part.family,
                mesh_sha256=part.sha256,
                profile_hash=presets.hash,
                part=sections,
                figures=figures,
                print_time_s=float(row["print_time_s"]),
                filament_g=float(row["filament_g"]),
                support_g=float(row["support_g"] or 0),
            ),
        )


@dataclass(frozen=True, slots=True)
class _Print:
    """What a row asked for."""

    printer: str
    settings: PrintSettings
    presets: ChosenPresets

    def key(self, slicer: str, part: TrainingPart) -> str:
        settings = self.settings
        return label_key(
            slicer, part.sha256, self.presets.hash, settings.infill_percent, settings.supports
        )


def _print(row: dict[str, str], loaded: LoadedShop) -> _Print:
    printer = loaded.printers[0]
    thickness = int(row["layer_thickness_um"])
    quality = next(q.id for q in loaded.shop.qualities if q.layer_thickness == thickness)
    settings = PrintSettings(
        row["material"],
        int(row["infill_percent"]),
        PrintQuality(quality, thickness),
        Supports(row["supports"]),
    )
    return _Print(printer.id, settings, printer.chosen(quality, settings.material))


def _judged(part: TrainingPart, printer: PrinterPresets) -> Judged:
    return judge_model(part.path, printer.build_volume, max_triangles=_MOST_TRIANGLES)


def _rotation(text: str) -> Rotation:
    first, second, third = np.array(text.split(), dtype=np.float64).reshape(3, 3).tolist()
    return (tuple(first), tuple(second), tuple(third))  # type: ignore[return-value]
