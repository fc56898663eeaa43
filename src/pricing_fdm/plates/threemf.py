"""Writes a plate for the slicer: a 3MF of ours, with each part once and its copies as items.

Both slicers print every item where it is put. PrusaSlicer takes the items of an object for its
instances, and slices it once for each way that they are turned, only if the file says that it is of
the slicer's own kind. From others it makes as many objects, which takes as many times as long.
Otherwise there is nothing in the file but the core of the format: no setting, no name, no picture.
Nothing is compressed, and the dates are constant, so equal plates are equal files.

Cost: O(n) in bytes, nearly all of it copying; safe in a thread.
"""

from __future__ import annotations

import math
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from pricing_fdm.model import Placement
from pricing_fdm.plates.packing import Layout

_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="model" '
    'ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/>'
    "</Types>"
)
_RELATIONSHIPS = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="model" Target="/3D/3dmodel.model" '
    'Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/>'
    "</Relationships>"
)
_BEGIN = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<model unit="millimeter" '
    'xmlns="http://schemas.microsoft.com/3dmanufacturing/core/2015/02" '
    'xmlns:slic3rpe="http://schemas.slic3r.org/3mf/2017/06">\n'
    '<metadata name="slic3rpe:Version3mf">1</metadata>\n'
    "<resources>\n"
)
_END = "</build></model>\n"
_PIECE_BYTES = 1024**2


def write_plate(destination: Path, meshes: Mapping[int, Path], layout: Layout) -> None:
    """Writes the 3MF of a plate.

    Args:
        destination: Overwritten if it is there.
        meshes: Of the parts by their numbers in the layout, as XML; see `mesh.plate_mesh`.
        layout: Where the copies lie.

    Raises:
        OSError: The disk is full.
    """
    with zipfile.ZipFile(destination, "w") as archive:
        archive.writestr(zipfile.ZipInfo("[Content_Types].xml"), _TYPES)
        archive.writestr(zipfile.ZipInfo("_rels/.rels"), _RELATIONSHIPS)
        with archive.open(zipfile.ZipInfo("3D/3dmodel.model"), "w") as model:
            model.write(_BEGIN.encode())
            for part in sorted({copy.part for copy in layout}):
                _write_object(model, part, meshes[part])
            items = "".join(f"{_item(copy)}\n" for copy in layout)
            model.write(f"</resources><build>\n{items}{_END}".encode())


def _write_object(model: IO[bytes], part: int, mesh: Path) -> None:
    model.write(f'<object id="{part + 1}" type="model">'.encode())
    with mesh.open("rb") as source:
        shutil.copyfileobj(source, model, _PIECE_BYTES)
    model.write(b"</object>\n")


def _item(copy: Placement) -> str:
    """Turns counter-clockwise about the vertical, then moves; a point is a row before the matrix.

    Rounded far below what a printer resolves, so that equal layouts are equal on every machine.
    """
    angle = math.radians(copy.turned_deg)
    cosine, sine = _number(math.cos(angle)), _number(math.sin(angle))
    minus_sine = _number(-math.sin(angle))
    x, y = _number(copy.x_mm), _number(copy.y_mm)
    matrix = f"{cosine} {sine} 0 {minus_sine} {cosine} 0 0 0 1 {x} {y} 0"
    return f'<item objectid="{copy.part + 1}" transform="{matrix}"/>'


def _number(value: float) -> str:
    return f"{round(value, 9) + 0.0:.9f}".rstrip("0").rstrip(".")
