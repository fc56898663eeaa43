"""Writes the sliced project file that `--export-3mf` asks for, with the real member names.

The archive appears under its name only when it is whole: it is written to `FILE.tmp` first.
Without OpenGL, as on a server, it holds no pictures.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import NamedTuple

from tests.fakes.figures import Figures
from tests.fakes.geometry import bounds
from tests.fakes.orca import settings
from tests.fakes.orca.gcode import settings_json
from tests.fakes.orca.models import Part

_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_CORE = (
    'xmlns="http://schemas.microsoft.com/3dmanufacturing/core/2015/02"'
    ' xmlns:BambuStudio="http://schemas.bambulab.com/package/2021"'
    ' xmlns:p="http://schemas.microsoft.com/3dmanufacturing/production/2015/06"'
    ' requiredextensions="p"'
)
_CONTENT_TYPES = f"""{_XML}<Types xmlns="{_PACKAGE}/content-types">
 <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
 <Default Extension="model" ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/>
 <Default Extension="png" ContentType="image/png"/>
 <Default Extension="gcode" ContentType="text/x.gcode"/>
</Types>
"""
_MODEL_TYPE = "http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"
_GCODE_TYPE = "http://schemas.bambulab.com/package/2021/gcode"


class Project(NamedTuple):
    """What goes into the archive.

    Attributes:
        figures: Missing, as `gcode`, when nothing was sliced.
        min_save: Without the meshes, and what names them.
    """

    parts: list[Part]
    values: settings.Settings
    version: str
    figures: Figures | None = None
    gcode: bytes | None = None
    min_save: bool = False


def write_project(path: Path, project: Project) -> None:
    """Writes the archive.

    Raises:
        OSError: The folder does not exist or cannot be written.
    """
    unfinished = path.with_name(path.name + ".tmp")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in _members(project).items():
            archive.writestr(member, content)
    unfinished.rename(path)


def _members(project: Project) -> dict[str, str | bytes]:
    members: dict[str, str | bytes] = {
        "[Content_Types].xml": _CONTENT_TYPES,
        "Metadata/plate_1.json": _plate_json(project),
    }
    if not project.min_save:
        members |= _meshes(project)
    members["Metadata/project_settings.config"] = json.dumps(
        settings_json(project.values, project.version), indent=4
    )
    if project.gcode is not None:
        digest = hashlib.md5(project.gcode, usedforsecurity=False).hexdigest().upper()
        members["Metadata/plate_1.gcode.md5"] = digest
        members["Metadata/plate_1.gcode"] = project.gcode
        relations = _relations({"/Metadata/plate_1.gcode": _GCODE_TYPE})
        members["Metadata/_rels/model_settings.config.rels"] = relations
    members["Metadata/model_settings.config"] = _model_settings(project)
    members["Metadata/slice_info.config"] = _slice_info(project)
    members["_rels/.rels"] = _relations({"/3D/3dmodel.model": _MODEL_TYPE})
    return members


def _meshes(project: Project) -> dict[str, str | bytes]:
    models = [f"3D/Objects/{part.name}_{n}.model" for n, part in enumerate(project.parts, 1)]
    return {
        "3D/3dmodel.model": _assembly(project),
        "3D/_rels/3dmodel.model.rels": _relations({f"/{m}": _MODEL_TYPE for m in models}),
        **{model: _mesh(part) for model, part in zip(models, project.parts, strict=True)},
    }


def _quoted(text: str) -> str:
    """An attribute value; the library's version costs more to import than all else here."""
    safe = text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return f'"{safe}"'


def _relations(targets: dict[str, str]) -> str:
    lines = "".join(
        f' <Relationship Target={_quoted(target)} Id="rel-{n}" Type="{kind}"/>\n'
        for n, (target, kind) in enumerate(targets.items(), 1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">\n{lines}</Relationships>\n'


def _plate_json(project: Project) -> str:
    boxes = [bounds(part.facets) for part in project.parts]
    flat = [[*box.low[:2], *box.high[:2]] for box in boxes]
    corners = list(zip(*flat, strict=True))
    whole = [min(corners[0]), min(corners[1]), max(corners[2]), max(corners[3])]
    objects = [
        {
            "area": (box[2] - box[0]) * (box[3] - box[1]),
            "bbox": box,
            "id": 28 + n,
            "layer_height": settings.number(project.values, "layer_height"),
            "name": part.name,
        }
        for n, (part, box) in enumerate(zip(project.parts, flat, strict=True))
    ]
    plate = {
        "bbox_all": whole,
        "bbox_objects": objects,
        "bed_type": settings.first(project.values, "curr_bed_type").lower().replace(" ", "_"),
        "filament_colors": project.values["filament_colour"],
        "filament_ids": [0],
        "first_extruder": 0,
        "is_seq_print": False,
        "nozzle_diameter": settings.number(project.values, "nozzle_diameter"),
        "version": 2,
    }
    return json.dumps(plate, separators=(",", ":"))


def _assembly(project: Project) -> str:
    objects = "".join(
        f'  <object id="{n + 1}" type="model">\n   <components>\n'
        f"    <component p:path={_quoted(f'/3D/Objects/{part.name}_{n}.model')}"
        ' objectid="1" transform="1 0 0 0 1 0 0 0 1 0 0 0"/>\n'
        "   </components>\n  </object>\n"
        for n, part in enumerate(project.parts, 1)
    )
    items = "".join(
        f'  <item objectid="{n + 1}" printable="1"/>\n' for n in range(1, len(project.parts) + 1)
    )
    return (
        f'{_XML}<model unit="millimeter" xml:lang="en-US" {_CORE}>\n'
        f' <metadata name="Application">BambuStudio-{project.version}</metadata>\n'
        ' <metadata name="BambuStudio:3mfVersion">1</metadata>\n'
        f" <resources>\n{objects} </resources>\n <build>\n{items} </build>\n</model>\n"
    )


def _mesh(part: Part) -> str:
    points = {point: None for facet in part.facets for point in facet}
    order = {point: n for n, point in enumerate(points)}
    vertices = "".join(f'     <vertex x="{x:g}" y="{y:g}" z="{z:g}"/>\n' for x, y, z in order)
    triangles = "".join(
        f'     <triangle v1="{order[a]}" v2="{order[b]}" v3="{order[c]}"/>\n'
        for a, b, c in part.facets
    )
    return (
        f'{_XML}<model unit="millimeter" xml:lang="en-US" {_CORE}>\n'
        ' <resources>\n  <object id="1" type="model">\n   <mesh>\n'
        f"    <vertices>\n{vertices}    </vertices>\n"
        f"    <triangles>\n{triangles}    </triangles>\n"
        "   </mesh>\n  </object>\n </resources>\n <build/>\n</model>\n"
    )


def _model_settings(project: Project) -> str:
    objects = "".join(
        f'  <object id="{n}">\n    <metadata key="name" value={_quoted(part.name)}/>\n'
        '    <metadata key="extruder" value="1"/>\n  </object>\n'
        for n, part in enumerate(project.parts, 2)
    )
    gcode = '    <metadata key="gcode_file" value="Metadata/plate_1.gcode"/>\n'
    return (
        f"{_XML}<config>\n{objects}  <plate>\n"
        '    <metadata key="plater_id" value="1"/>\n    <metadata key="plater_name" value=""/>\n'
        f"{gcode if project.gcode is not None else ''}  </plate>\n</config>\n"
    )


def _slice_info(project: Project) -> str:
    return (
        f"{_XML}<config>\n  <header>\n"
        '    <header_item key="X-BBL-Client-Type" value="slicer"/>\n'
        '    <header_item key="X-BBL-Client-Version" value=""/>\n'
        f"  </header>\n{_sliced_plate(project)}</config>\n"
    )


def _sliced_plate(project: Project) -> str:
    figures = project.figures
    if figures is None:
        return ""
    facts = {
        "index": "1",
        "printer_model_id": "",
        "nozzle_diameters": settings.first(project.values, "nozzle_diameter"),
        "timelapse_type": settings.first(project.values, "timelapse_type"),
        "prediction": str(int(figures.print_time_s)),
        "weight": f"{figures.grams:.2f}" if figures.grams > 0 else "",
        "outside": "false",
        "support_used": "true" if figures.support_used else "false",
        "label_object_enabled": "false",
        "filament_maps": "1",
    }
    lines = "".join(f'    <metadata key="{k}" value={_quoted(v)}/>\n' for k, v in facts.items())
    for part in project.parts:
        name = _quoted(part.name)
        lines += f'    <object identify_id="15" name={name} skipped="false" />\n'
    kind = _quoted(settings.first(project.values, "filament_type"))
    slot = _quoted(settings.first(project.values, "filament_ids"))
    colour = _quoted(settings.first(project.values, "filament_colour"))
    used = f'used_m="{figures.filament_mm / 1000:.2f}" used_g="{figures.grams:.2f}"'
    lines += f'    <filament id="1" tray_info_idx={slot} type={kind} color={colour} {used} />\n'
    return f"  <plate>\n{lines}  </plate>\n"
