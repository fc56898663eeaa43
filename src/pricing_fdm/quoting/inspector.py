"""What an inspection is made with, and what of an order it depends on."""

from __future__ import annotations

from dataclasses import dataclass

from pricing_fdm.estimate.features import SectionPlan
from pricing_fdm.mesh.child.model_reader import ModelReader
from pricing_fdm.mesh.child.task import Task
from pricing_fdm.mesh.step.converter import StepConverter
from pricing_fdm.model import BuildVolume, Orientation, Unit


@dataclass(frozen=True, slots=True)
class PrintSetup:
    """All of an order that the inspection depends on.

    Attributes:
        unit: Of the file's coordinates, where its format states none.
        sections: How sections are measured, for an estimate; no quote has any.
    """

    unit: Unit
    orientation: Orientation
    layer_height_mm: float
    line_width_mm: float
    volume: BuildVolume
    sections: SectionPlan | None = None


@dataclass(frozen=True, slots=True)
class Inspector:
    """What an inspection needs besides the model.

    Attributes:
        reader: Reads all formats but STEP.
        converter: None where STEP files cannot be read.
        max_triangles: A model with more is refused.
    """

    reader: ModelReader
    converter: StepConverter | None
    max_triangles: int

    def identity(self, setup: PrintSetup) -> str:
        """Equal texts mean that the inspections of one file come to the same part."""
        converter = self.converter.version if self.converter else None
        return f"{setup} {self.max_triangles} {converter}"

    def task(self, setup: PrintSetup, *, in_mm: bool) -> Task:
        """What a child is to do with a model that is printed like this."""
        return Task(
            volume=setup.volume,
            max_triangles=self.max_triangles,
            unit=None if in_mm else setup.unit,
            orientation=setup.orientation,
            layer_height_mm=setup.layer_height_mm,
            line_width_mm=setup.line_width_mm,
            sections=setup.sections,
        )
