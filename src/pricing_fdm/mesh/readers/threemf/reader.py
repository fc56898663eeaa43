"""Reads 3MF: the build of the core specification, with meshes in parts of their own.

    ZIP archive -> contents: objects and build -> without a slicer's helpers -> one soup in mm

Objects that are not to be printed (marked so, support, modifiers) are left out, and the quote says
so. Colours, materials and the settings of a slicer's project are ignored: the order decides them.

Cost: that of its steps, each O(n) in bytes and in triangles placed.
"""

from __future__ import annotations

from typing import BinaryIO

from pricing_fdm.mesh.judgement import require_count
from pricing_fdm.mesh.readers.threemf.assembly import assemble
from pricing_fdm.mesh.readers.threemf.budget import Budget, fault
from pricing_fdm.mesh.readers.threemf.contents import read_contents
from pricing_fdm.mesh.readers.threemf.package import Package
from pricing_fdm.mesh.readers.threemf.project import without_helpers
from pricing_fdm.mesh.triangles import Reading
from pricing_fdm.model import QuoteWarning

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
    contents, helpers = without_helpers(contents, package, budget)
    corners, others = assemble(contents, max_triangles)
    left_out = unprintable + helpers + others
    return Reading(corners, _warnings(left_out), unit_known=True)


def _warnings(left_out: int) -> tuple[QuoteWarning, ...]:
    if not left_out:
        return ()
    return (
        QuoteWarning(
            "parts_left_out",
            "Objects that the 3MF marks as not to be printed (switched off, support, modifiers "
            f"and the like), which are not in the quote: {left_out:,}.",
        ),
    )
