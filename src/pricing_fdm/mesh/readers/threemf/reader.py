"""Reads 3MF: the build of the core specification, with meshes in parts of their own.

    ZIP archive -> contents: objects and build -> without a slicer's helpers -> one soup in mm

Objects that are not to be printed (marked so, beside the plate, support, modifiers) are left out,
and so are shapes that extensions make; the quote says so. Colours, materials and the settings of a
slicer's project are ignored: the order decides them.

Cost: that of its steps, each O(n) in bytes and in triangles placed.
"""

from __future__ import annotations

from typing import BinaryIO

from pricing_fdm.mesh.judgement import require_count
from pricing_fdm.mesh.readers.threemf.assembly import assemble
from pricing_fdm.mesh.readers.threemf.budget import Budget, fault
from pricing_fdm.mesh.readers.threemf.contents import read_contents
from pricing_fdm.mesh.readers.threemf.left_out import warnings_of
from pricing_fdm.mesh.readers.threemf.materials import count_materials
from pricing_fdm.mesh.readers.threemf.package import Package
from pricing_fdm.mesh.readers.threemf.project import as_project
from pricing_fdm.mesh.triangles import Reading
from pricing_fdm.model import Unit

_ZIP = b"PK\x03\x04"


def claims(head: bytes, _size: int) -> bool:
    """Whether this is a ZIP archive, as a 3MF is; `read` refuses other archives."""
    return head.startswith(_ZIP)


def read(file: BinaryIO, _size: int, max_triangles: int) -> Reading:
    """Reads the parts that are to be printed.

    Raises:
        ModelFormat: A ZIP archive without a 3D model.
        ModelInvalid: Damaged, dishonest, with an extension that we do not support, or with nothing
            or too much to print.
    """
    budget = Budget(max_triangles)
    package = Package(file, budget)
    contents = read_contents(package, budget)
    if budget.triangles > max_triangles:
        require_count(budget.triangles, max_triangles)
    if not contents.items:
        raise fault("holds nothing to build", "Put the part on the plate and export it again.")
    unprintable = sum(not use.printable for use in contents.items)
    if unprintable == len(contents.items):
        raise fault(
            "marks every object as not to be printed", "Mark the part as printable and save again."
        )
    project = as_project(contents, package, budget)
    assembled = assemble(project.contents, max_triangles)
    helpers = unprintable + project.helpers + assembled.tally.left_out
    count = count_materials(
        (each.materials for each in assembled.objects.values()), project.extruders
    )
    return Reading(
        assembled.corners,
        tuple(warnings_of(assembled, project, helpers, count)),
        unit_known=True,
        stated_unit=next((unit for unit in Unit if unit.length_mm == contents.unit_mm), None),
    )
