"""Clips a polygon into triangles ear by ear (Meisters, 1975), in the order of its corners.

An ear is a corner that bends outward and whose triangle holds no corner that bends inward. A corner
that is no ear is tested again only after one of its neighbours, or the corner inside its triangle,
is gone: nothing else can make it an ear.

Cost: O(c h) in the corners of a polygon and those of them that bend inward, and never more than
`MAX_LOOKS` for all polygons of a model.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TypeAlias

from pricing_fdm.errors import ModelInvalid

MAX_LOOKS = 6_000_000
"""How often a corner may be compared with an ear in one model: about a second."""

Place: TypeAlias = tuple[float, float]
Ear: TypeAlias = tuple[int, int, int]

_TRIANGLE = 3


class EarClipper:
    """Clips the polygons of one model; all share one allowance of work."""

    def __init__(self) -> None:
        self._looks_left = MAX_LOOKS

    def clip(self, outline: list[Place]) -> list[Ear]:
        """The triangles, as numbers of corners, in the turn of the outline.

        If no corner is an ear, since the outline crosses itself, the next one is cut off.

        Args:
            outline: Counter-clockwise, at least three corners.

        Raises:
            ModelInvalid: Too many outlines are too intricate.
        """
        ring = _Ring(outline)
        ears: list[Ear] = []
        corner = 0
        while len(ears) < len(outline) - _TRIANGLE:
            corner = self._next_ear(ring, corner)
            ears.append((ring.before[corner], corner, ring.after[corner]))
            corner = ring.cut_off(corner)
        first, second, third = sorted([ring.before[corner], corner, ring.after[corner]])
        return [*ears, (first, second, third)]

    def _next_ear(self, ring: _Ring, otherwise: int) -> int:
        while (corner := ring.next_to_ask()) is not None:
            if not ring.bends_outward(corner):
                continue
            self._count(len(ring.hollows) + 1)
            blocker = ring.blocker_of(corner)
            if blocker is None:
                return corner
            ring.blocked_by.setdefault(blocker, []).append(corner)
        return otherwise

    def _count(self, looks: int) -> None:
        self._looks_left -= looks
        if self._looks_left < 0:
            raise ModelInvalid(
                "The model has too many polygons with an intricate outline. Export it with "
                "triangles as faces."
            )


class _Ring:
    """What is left of a polygon, and which corners are still to be tested.

    Attributes:
        before: For each corner the one before it.
        after: For each corner the one after it.
        hollows: Corners that bent inward at first, and where they are.
        blocked_by: For a hollow corner those whose triangle holds it.
    """

    def __init__(self, outline: list[Place]) -> None:
        count = len(outline)
        self.before: list[int] = [count - 1, *range(count - 1)]
        self.after: list[int] = [*range(1, count), 0]
        self._outline = outline
        around = zip([outline[-1], *outline], outline, [*outline[1:], outline[0]], strict=False)
        self.hollows = {
            corner: places[1] for corner, places in enumerate(around) if _turn(*places) <= 0
        }
        self.blocked_by: dict[int, list[int]] = {}
        self._left = [True] * count
        self._is_to_ask = [True] * count
        self._ahead = list(range(count))
        self._next_round: list[int] = []

    def next_to_ask(self) -> int | None:
        """The next corner, around the polygon, that may have become an ear."""
        while self._ahead or self._next_round:
            if not self._ahead:
                self._ahead, self._next_round = self._next_round, self._ahead
            corner = heappop(self._ahead)
            if self._left[corner] and self._is_to_ask[corner]:
                self._is_to_ask[corner] = False
                return corner
        return None

    def cut_off(self, corner: int) -> int:
        """Takes a corner out of the outline; gives the one after it."""
        before, after = self.before[corner], self.after[corner]
        self.after[before], self.before[after] = after, before
        self._left[corner] = False
        self.hollows.pop(corner, None)
        for changed in (before, after, *self.blocked_by.pop(corner, ())):
            if not self._is_to_ask[changed]:
                self._is_to_ask[changed] = True
                heappush(self._ahead if changed > corner else self._next_round, changed)
        return after

    def bends_outward(self, corner: int) -> bool:
        """Whether the outline turns left there."""
        return _turn(*self._around(corner)) > 0

    def blocker_of(self, corner: int) -> int | None:
        """A hollow corner inside the triangle of a corner, or on its rim but for its own three."""
        a, b, c = self._around(corner)
        (ax, ay), (bx, by), (cx, cy) = a, b, c
        abx, aby, bcx, bcy, cax, cay = bx - ax, by - ay, cx - bx, cy - by, ax - cx, ay - cy
        for hollow, (x, y) in self.hollows.items():
            if (
                abx * (y - ay) - aby * (x - ax) >= 0
                and bcx * (y - by) - bcy * (x - bx) >= 0
                and cax * (y - cy) - cay * (x - cx) >= 0
                and (x, y) not in (a, b, c)
            ):
                return hollow
        return None

    def _around(self, corner: int) -> tuple[Place, Place, Place]:
        outline = self._outline
        return outline[self.before[corner]], outline[corner], outline[self.after[corner]]


def _turn(a: Place, b: Place, c: Place) -> float:
    """Twice the area of the triangle; positive when it turns left."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
