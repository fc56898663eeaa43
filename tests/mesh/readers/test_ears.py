"""Ears: the same ones as by asking every corner again, and each corner asked a few times only."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pricing_fdm.errors import ModelInvalid
from pricing_fdm.mesh.readers import ears
from pricing_fdm.mesh.readers.ears import Ear, EarClipper, Place
from tests.mesh.outlines import Outline, comb, spiral, zigzag


def turn(a: Place, b: Place, c: Place) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def by_asking_all_again(outline: Outline) -> list[Ear]:
    """The plain algorithm: around and around until a corner is an ear."""
    ring = list(range(len(outline)))
    hollows = {
        corner
        for corner in ring
        if turn(outline[corner - 1], outline[corner], outline[corner + 1 - len(ring)]) <= 0
    }
    found: list[Ear] = []
    at = 0
    while len(ring) > 3:
        order = [*range(at, len(ring)), *range(at)]
        around = {n: (ring[n - 1], ring[n], ring[n + 1 - len(ring)]) for n in order}
        at = next((n for n in order if is_ear(outline, around[n], hollows)), at)
        found.append(around[at])
        hollows.discard(ring.pop(at))
        at %= len(ring)
    return [*found, (ring[0], ring[1], ring[2])]


def is_ear(outline: Outline, ear: Ear, hollows: set[int]) -> bool:
    a, b, c = (outline[corner] for corner in ear)
    inside = (
        outline[hollow]
        for hollow in hollows
        if min(turn(*side, outline[hollow]) for side in ((a, b), (b, c), (c, a))) >= 0
    )
    return turn(a, b, c) > 0 and all(place in (a, b, c) for place in inside)


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=3, max_size=30)
    | st.lists(st.tuples(st.floats(0, 9), st.floats(0, 9)), min_size=3, max_size=30)
)
@example(comb(12))
@example(spiral(80))
@example(zigzag(80))
def test_the_ears_are_those_of_the_plain_algorithm(outline: Outline) -> None:
    """Also of outlines that cross or touch themselves: the part that is written rests on it."""
    assert EarClipper().clip(outline) == by_asking_all_again(outline)


@pytest.mark.parametrize("outline", [comb(100), spiral(400), zigzag(400)])
def test_a_corner_is_asked_a_few_times_only(
    monkeypatch: pytest.MonkeyPatch, outline: Outline
) -> None:
    """Asked again and again, a polygon of 10,000 corners took 9 s (issue 16, 2)."""
    asked = 0
    next_to_ask = ears._Ring.next_to_ask

    def counted(ring: ears._Ring) -> int | None:
        nonlocal asked
        asked += 1
        return next_to_ask(ring)

    monkeypatch.setattr(ears._Ring, "next_to_ask", counted)
    EarClipper().clip(outline)
    assert asked <= 4 * len(outline)


def test_work_on_intricate_outlines_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clipping ears takes the square of the corners; all polygons share one allowance."""
    outline = comb(40)
    clipper = EarClipper()
    clipper.clip(outline)
    monkeypatch.setattr(ears, "MAX_LOOKS", ears.MAX_LOOKS - clipper._looks_left)
    bounded = EarClipper()
    bounded.clip(outline)
    with pytest.raises(ModelInvalid, match="intricate outline"):
        bounded.clip(outline)
