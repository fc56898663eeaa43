"""What a child is to do with one file, and how it is told.

The zygote reads this text, and no child ever writes it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from pricing_fdm.estimate.features import SectionPlan
from pricing_fdm.model import BuildVolume, Orientation, Unit

READY = b"ready"
"""What the zygote says once, when all is loaded."""

WRITE_MESH = b"mesh"
"""In place of a `Task`: the file is a clean STL, to be written as the mesh of a 3MF."""


@dataclass(frozen=True, slots=True)
class Task:
    """How a model is to be read, judged and set down; see `mesh.inspect` for the fields.

    Attributes:
        unit: Of the coordinates, if the format states none; None if they are known to be in mm.
        sections: How sections of the part are measured; None where nobody wants them.
    """

    volume: BuildVolume
    max_triangles: int
    unit: Unit | None
    orientation: Orientation
    layer_height_mm: float
    line_width_mm: float
    sections: SectionPlan | None = None

    def to_bytes(self) -> bytes:
        """For the zygote."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, message: bytes) -> Task:
        """In the zygote."""
        fields: dict[str, Any] = json.loads(message)
        return cls(
            BuildVolume(**fields.pop("volume")),
            unit=Unit(unit) if (unit := fields.pop("unit")) else None,
            orientation=Orientation(fields.pop("orientation")),
            sections=SectionPlan(**plan) if (plan := fields.pop("sections")) else None,
            **fields,
        )
