"""Writes small 3MF files, honest and otherwise, without the code under test."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping

from pricing_fdm.mesh.triangles import Corners
from tests.mesh import shapes

CORE = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"
PRODUCTION = "http://schemas.microsoft.com/3dmanufacturing/production/2015/06"
MODEL_TYPE = "http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"
ROOT = "3D/3dmodel.model"

CUBE = shapes.cube()


def mesh(corners: Corners = CUBE, attributes: str = "") -> str:
    """A `<mesh>` in which every triangle has three vertices of its own."""
    vertices = "".join(
        f'<vertex x="{x!r}" y="{y!r}" z="{z!r}"/>\n' for x, y, z in corners.reshape(-1, 3).tolist()
    )
    triangles = "".join(
        f'<triangle v1="{at}" v2="{at + 1}" v3="{at + 2}"{attributes}/>\n'
        for at in range(0, 3 * len(corners), 3)
    )
    return f"<mesh><vertices>\n{vertices}</vertices><triangles>\n{triangles}</triangles></mesh>"


def an_object(object_id: int, content: str | None = None, attributes: str = "") -> str:
    """An `<object>`, by default the cube."""
    return (
        f'<object id="{object_id}" {attributes}>{mesh() if content is None else content}</object>'
    )


def components(*uses: str) -> str:
    """`<components>`; each use is the attributes of one."""
    return f"<components>{''.join(f'<component {use}/>' for use in uses)}</components>"


def model(
    *objects: str,
    items: tuple[str, ...] = ('objectid="1"',),
    attributes: str = 'unit="millimeter"',
) -> str:
    """A model part; each item is the attributes of one."""
    build = "".join(f"<item {item}/>" for item in items)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<model xmlns="{CORE}" xmlns:p="{PRODUCTION}" {attributes}>'
        f"<resources>{''.join(objects)}</resources><build>{build}</build></model>"
    )


def built(
    *objects: str,
    items: tuple[str, ...] = ('objectid="1"',),
    attributes: str = 'unit="millimeter"',
    parts: Mapping[str, str | bytes] | None = None,
) -> bytearray:
    """A 3MF of one model, and of other parts by name."""
    return package(model(*objects, items=items, attributes=attributes), parts)


def edited(old: str, new: str) -> bytearray:
    """The cube's 3MF with one text of its model replaced where it stands first."""
    document = model(an_object(1))
    assert old in document
    return package(document.replace(old, new, 1))


def relationships(*targets: str) -> str:
    """The `.rels` of a package whose 3D models are `targets`."""
    inside = "".join(
        f'<Relationship Type="{MODEL_TYPE}" Target="{target}" Id="rel{number}"/>'
        for number, target in enumerate(targets)
    )
    namespace = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'<Relationships xmlns="{namespace}">{inside}</Relationships>'


def zipped(
    entries: Mapping[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED
) -> bytearray:
    """A ZIP archive of these entries."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as output:
        for name, content in entries.items():
            output.writestr(name, content)
    return bytearray(target.getvalue())


def package(
    root: str | bytes | None = None, parts: Mapping[str, str | bytes] | None = None
) -> bytearray:
    """A 3MF of one root part, by default the cube, and of others by name."""
    return zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": relationships(f"/{ROOT}"),
            ROOT: model(an_object(1)) if root is None else root,
        }
        | dict(parts or {})
    )


def directory_at(data: bytes | bytearray, entry: int = 0) -> int:
    """Offset of the n-th record of the central directory."""
    at = -1
    for _ in range(entry + 1):
        at = data.index(b"PK\1\2", at + 1)
    return at


def patched(data: bytearray, at: int, form: str, value: int) -> bytearray:
    """The archive with one field changed."""
    struct.pack_into(form, data, at, value)
    return data
