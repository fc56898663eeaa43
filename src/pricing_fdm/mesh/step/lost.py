"""Compares the faces that OCCT has meshed with those that the file states, product by product.

A sliver that is missing among thousands of faces is a warning. A solid that is missing never is:
many other parts, or copies of a good part, make up for nothing.

Cost: O(n log n) in the products of an assembly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from pricing_fdm.mesh.step.bodies import Solids

FACES_FOR_ONE_LOST = 100
"""A file that loses more than one face in so many is refused, ..."""

FACES_OF_A_PRODUCT_FOR_ONE_LOST = 10
"""and so is one with a product that loses more than one in so many."""


def lost_faces(stated: Mapping[Solids, int], meshed: Sequence[int]) -> int | None:
    """How many faces are lost; None if they are too many, or may be a whole solid.

    Args:
        stated: The solids of each product, with how often it is used.
        meshed: How many faces each piece of the mesh has: a product, or one of its solids.
    """
    losses = list(_losses(stated, meshed))
    lost = sum(each for each, _ in losses)
    faces = sum(sum(solids) * times for solids, times in stated.items())
    if lost * FACES_FOR_ONE_LOST > faces:
        return None
    for each, solids in losses:
        if each >= min(solids) or each * FACES_OF_A_PRODUCT_FOR_ONE_LOST > sum(solids):
            return None
    return lost


def _losses(stated: Mapping[Solids, int], meshed: Sequence[int]) -> Iterator[tuple[int, Solids]]:
    """Each use of a product that lacks faces: how many, and its solids."""
    rest = Counter(meshed)
    incomplete: list[Solids] = []
    for solids, times in stated.items():
        left = times - _take(rest, Counter([sum(solids)]), times)
        left -= _take(rest, Counter(solids), left)
        incomplete += [solids] * left
    # OCCT may also cut faces in two, so the fullest piece is compared with the largest product.
    pieces = sorted(rest.elements(), reverse=True)
    for place, solids in enumerate(sorted(incomplete, key=sum, reverse=True)):
        found = pieces[place] if place < len(pieces) else 0
        if found < sum(solids):
            yield sum(solids) - found, solids


def _take(rest: Counter[int], pieces: Counter[int], times: int) -> int:
    """Takes these pieces off the rest, at most so many times, and says how often."""
    taken = min(times, *(rest[faces] // count for faces, count in pieces.items()))
    for faces, count in pieces.items():
        rest[faces] -= taken * count
    return taken
