"""Says what of a 3MF is not in the quote, and how much of it that is.

Objects are named by their ids, which are whole numbers; no text of the file is repeated.

Cost: O(n) in objects.
"""

from __future__ import annotations

from collections.abc import Iterator

from pricing_fdm.mesh.readers.threemf.assembly import Assembled
from pricing_fdm.mesh.readers.threemf.project import Project
from pricing_fdm.model import QuoteWarning

_MOST_IDS = 5


def warnings_of(
    assembled: Assembled, project: Project, helpers: int, materials: int
) -> Iterator[QuoteWarning]:
    """The warnings about a 3MF.

    Args:
        assembled: What is to be printed.
        project: What a slicer would print of it.
        helpers: How many objects are marked as not to be printed.
        materials: How many the file is made of.
    """
    if helpers:
        yield QuoteWarning(
            "parts_left_out",
            "Objects that the 3MF marks as not to be printed (switched off, support, modifiers "
            f"and the like), which are not in the quote: {helpers:,}.",
            {"objects": helpers},
        )
    if project.beside:
        yield QuoteWarning(
            "parts_left_out",
            "Objects that lie beside the plate of the 3MF, which are not in the quote: "
            f"{project.beside:,} of {project.items:,}.",
            {"objects": project.beside, "objects_in_file": project.items},
        )
    elif project.plate_is_empty:
        yield QuoteWarning(
            "beside_the_plate",
            "The plate of the 3MF is empty. The quote is for the objects beside it: "
            f"{project.items:,}.",
            {"objects": project.items},
        )
    yield from _unread(assembled)
    if materials > 1:
        yield QuoteWarning(
            "multi_material_ignored",
            f"The 3MF gives its parts {materials:,} materials or colours; the quote is for all of "
            "it in the one material that was asked for.",
            {"materials": materials},
        )


def _unread(assembled: Assembled) -> Iterator[QuoteWarning]:
    tally = assembled.tally
    if tally.unread:
        yield QuoteWarning(
            "geometry_left_out",
            f"Objects of the 3MF without a mesh{_listed(assembled, meshes=False)}, which are not "
            f"in the quote: {tally.unread:,} of {tally.unread + tally.meshes:,}.",
            {"objects": tally.unread, "objects_in_file": tally.unread + tally.meshes},
        )
    if tally.partly_read:
        yield QuoteWarning(
            "geometry_left_out",
            f"Objects of the 3MF that have more than their mesh{_listed(assembled, meshes=True)}, "
            f"of which only the mesh is in the quote: {tally.partly_read:,} of {tally.meshes:,}.",
            {"objects": tally.partly_read, "objects_in_file": tally.meshes},
        )


def _listed(assembled: Assembled, *, meshes: bool) -> str:
    """` (boolean operations; id 3, 7)`."""
    found = {
        key.object_id: each.unread
        for key, each in assembled.objects.items()
        if each.solid
        and (len(each.faces) > 0) == meshes
        and (bool(each.unread) if meshes else not each.components)
    }
    titles = ", ".join(sorted({title for unread in found.values() for title in unread}))
    ids = [f"{number}" for number in sorted(found)]
    more = ", ..." if len(ids) > _MOST_IDS else ""
    return f" ({f'{titles}; ' if titles else ''}id {', '.join(ids[:_MOST_IDS])}{more})"
