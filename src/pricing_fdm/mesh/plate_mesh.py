"""The mesh of a clean STL as XML: the part of a 3MF that all copies on a plate share.

The service puts it between its own text; see `plates.threemf`. So it names it here what begins and
ends one, without numpy; `plate_mesh_writer` writes it, in a child.

Cost: O(1); that of writing is told there.
"""

from __future__ import annotations

from pricing_fdm.mesh.clean_stl import NotClean, most_bytes

BEGIN = b"<mesh><vertices>"
BETWEEN = b"</vertices><triangles>"
END = b"</triangles></mesh>"


def most_mesh_bytes(max_triangles: int) -> int:
    """How long the mesh can be; that of a closed surface has some 70 bytes for each triangle."""
    return 2 * most_bytes(max_triangles)


def require_mesh(head: bytes, tail: bytes, size: int) -> None:
    """Raises `NotClean` unless our writer writes files with these ends."""
    if not (head.startswith(BEGIN) and tail.endswith(END)):
        raise NotClean(f"{size} bytes that are no mesh")
