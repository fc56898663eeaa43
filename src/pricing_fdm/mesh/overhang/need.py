"""Tells whether a part needs support, as somebody who prints every day would.

The slicers support every surface that is flatter than their threshold. They would put 5 g under the
3DBenchy, which has been printed without any a million times: its arches and its ceiling are carried
by the walls beside them, and its ledges are short. A part needs support when something of it begins
in the air, or when more than a little of it hangs where no line can reach across from wall to wall.
Where and how it is supported then is left to the slicer.

Cost: O(n log n) in triangles, and that of a bounded number of patches and islands.
"""

from __future__ import annotations

from pricing_fdm.mesh.overhang.carried import hanging_mm2
from pricing_fdm.mesh.overhang.islands import begins_in_the_air
from pricing_fdm.mesh.overhang.patches import flat_patches
from pricing_fdm.mesh.triangles import Ints, Mesh

MAX_HANGING_MM2 = 25.0
"""A little more than the Benchy has (16 mm2), which prints without support; the least of the shared
parts that cannot, the idler of an extruder, has 150 mm2."""


def needs_support(mesh: Mesh, body_of_face: Ints, layer_height_mm: float) -> bool:
    """Whether the part needs support in the pose in which the mesh stands.

    Args:
        mesh: Closed, right side out; its lowest point is on the bed.
        body_of_face: Number of the body that each face belongs to, from 0 without gaps.
        layer_height_mm: Of the print.
    """
    patches = flat_patches(mesh, layer_height_mm)
    if hanging_mm2(mesh, body_of_face, patches, layer_height_mm) > MAX_HANGING_MM2:
        return True
    return begins_in_the_air(mesh, body_of_face, layer_height_mm)
