"""Makes a mesh closed and consistently wound, or refuses it.

A sound mesh passes unaltered. Each step runs only if the edges need it, and the edges are counted
again after each. The slicer repairs nothing that would change a price, so a mesh that cannot be
repaired here without guessing is refused.

Cost: that of its steps and, after each, of `edges`; each is done once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pricing_fdm.errors import ModelInvalid
from pricing_fdm.mesh.edges import survey
from pricing_fdm.mesh.gaps import join_gaps
from pricing_fdm.mesh.holes import Doubtful, close_holes
from pricing_fdm.mesh.solids import body_of_each_face
from pricing_fdm.mesh.triangles import Ints, Mesh
from pricing_fdm.mesh.twins import without_twins
from pricing_fdm.mesh.units import Place, first_places, places_text
from pricing_fdm.mesh.weld import without_duplicates
from pricing_fdm.mesh.winding import agreed
from pricing_fdm.model import QuoteWarning


@dataclass(frozen=True, slots=True, eq=False)
class Solid:
    """A mesh without open edges.

    Attributes:
        watertight: Every edge belonged to exactly two triangles before any repair.
        body_of_face: Number of the body that each face belongs to.
        overlap_mm2: Surface that closing holes added twice.
        non_manifold: Edges with more than two triangles.
    """

    mesh: Mesh
    watertight: bool
    body_of_face: Ints
    bodies: int
    overlap_mm2: float
    non_manifold: int
    warnings: tuple[QuoteWarning, ...]


def make_solid(mesh: Mesh, unit_mm: float = 1.0) -> Solid:
    """Repairs what can be repaired without guessing.

    Args:
        mesh: In mm.
        unit_mm: Length of the file's unit, for the places that are told.

    Raises:
        ModelInvalid: The mesh stays open.
    """
    repair = _Repair(mesh)
    watertight = repair.edges.watertight
    if repair.edges.non_manifold:
        repair.drop_duplicates()
    if repair.edges.open and repair.join_near_points() and repair.edges.non_manifold:
        repair.drop_duplicates()  # triangles that were as near as their points
    if repair.edges.opposed:
        repair.make_neighbours_agree()
    if repair.edges.open:
        repair.close_holes(unit_mm)
    mesh, edges = repair.mesh, repair.edges
    body_of_face, bodies = body_of_each_face(mesh, edges)
    return Solid(
        mesh=mesh,
        watertight=watertight,
        body_of_face=body_of_face,
        bodies=bodies,
        overlap_mm2=repair.overlap_mm2,
        non_manifold=edges.non_manifold,
        warnings=tuple(repair.warnings()),
    )


class _Repair:
    """The mesh under repair, its present edges, and what was done to it."""

    def __init__(self, mesh: Mesh) -> None:
        self.mesh = mesh
        self.edges = survey(mesh.faces)
        self.overlap_mm2 = 0.0
        self._done: list[str] = []
        self._holes = ""
        self._figures: dict[str, float | int | str] = {}
        self._places: tuple[Place, ...] = ()

    def drop_duplicates(self) -> None:
        before = len(self.mesh.faces)
        self._take(without_duplicates(self.mesh))
        if dropped := before - len(self.mesh.faces):
            self._done.append(f"duplicate triangles dropped: {dropped:,}")
        single = without_twins(self.mesh)
        if single.mesh is not self.mesh:
            self._take(single.mesh)
        if single.second_sides:
            self._done.append(
                f"second sides of faces dropped, which lie on their first: {single.second_sides:,}"
            )

    def join_near_points(self) -> bool:
        """Whether there were any."""
        joined = join_gaps(self.mesh, self.edges)
        if joined.near_mm:
            self.mesh, self.edges = joined.mesh, joined.edges
            self._done.append(f"points joined that were less than {joined.near_mm:g} mm apart")
        return bool(joined.near_mm)

    def make_neighbours_agree(self) -> None:
        before = self.mesh.faces
        self._take(agreed(self.mesh, self.edges))
        if turned := np.count_nonzero((before != self.mesh.faces).any(axis=1)):
            self._done.append(f"triangles turned to agree with their neighbours: {turned:,}")

    def close_holes(self, unit_mm: float) -> None:
        open_edges, share = self.edges.open, self.edges.open / self.edges.total
        closed = close_holes(self.mesh, self.edges)
        places = closed.places / unit_mm
        where, self._places = places_text(places), first_places(places)
        if isinstance(closed, Doubtful):
            raise ModelInvalid(
                f"The mesh is not closed: {open_edges:,} open edges ({share:.2%} of all), and "
                f"what belongs into the holes at {where} (x, y, z in the file) would be a guess. "
                "Close them in your CAD program or with a repair tool and export the part again.",
                places=self._places,
            )
        self._take(closed.mesh)
        self.overlap_mm2 = closed.overlap_mm2
        self._holes = f"{closed.holes:,}, together {closed.area_mm2:,.2f} mm2, at {where}"
        self._figures = {"holes": closed.holes, "area_mm2": round(closed.area_mm2, 2)}

    def warnings(self) -> Iterator[QuoteWarning]:
        if self._holes:
            yield QuoteWarning(
                "not_watertight",
                f"The mesh was not closed. Holes closed here: {self._holes} (x, y, z in the file). "
                "All figures are for the closed part.",
                self._figures,
                self._places,
            )
        if self._done:
            yield QuoteWarning("repaired", f"The mesh was repaired: {'; '.join(self._done)}.")
        if self.edges.opposed:
            yield QuoteWarning(
                "inconsistent_winding",
                "Edges at which it is unclear which side is outside: "
                f"{self.edges.opposed:,}. The slicer decides; check the part in a preview.",
                {"edges": self.edges.opposed},
            )

    def _take(self, mesh: Mesh) -> None:
        self.mesh = mesh
        self.edges = survey(mesh.faces)
