"""One word for how demanding a part is, from what is known about it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing_fdm.model import UNTURNED, Complexity, Metrics, Part, Pose
from pricing_fdm.quoting.complexity import complexity

LOW, MEDIUM, HIGH = Complexity.LOW, Complexity.MEDIUM, Complexity.HIGH
ORDER = (LOW, MEDIUM, HIGH)


def part(
    overhang: float = 0.0,
    bodies: int = 1,
    sides_mm: tuple[float, float, float] = (20.0, 20.0, 20.0),
    volume_mm3: float = 8000.0,
    surface_mm2: float = 2400.0,
) -> Part:
    """A cube of 20 mm, unless told otherwise."""
    return Part(
        format="stl-binary",
        triangles=12,
        bodies=bodies,
        watertight=True,
        dimensions_mm=sides_mm,
        volume_mm3=volume_mm3,
        surface_mm2=surface_mm2,
        pose=Pose(UNTURNED, sides_mm),
        outline=((0.0, 0.0), (20.0, 0.0), (20.0, 20.0), (0.0, 20.0)),
        overhang_share=overhang,
    )


def metrics(support_g: str | None = "0") -> Metrics:
    """100 g in all."""
    return Metrics(
        print_time_s=Decimal(3600),
        filament_mm=Decimal(30000),
        filament_g=Decimal(100),
        volume_cm3=Decimal(80),
        layers=100,
        support_g=None if support_g is None else Decimal(support_g),
    )


def of_fineness(fineness: float) -> Part:
    """A cube's box, filled so that `fineness` thicknesses fit across; 3 is the solid cube."""
    return part(surface_mm2=fineness * 2 * 8000.0 / 20.0)


@pytest.mark.parametrize(
    ("support_g", "shape", "rating"),
    [
        pytest.param("0", part(), LOW, id="cube"),
        pytest.param(None, part(), LOW, id="cube-of-a-slicer-that-does-not-tell"),
        pytest.param("4.99", part(), LOW, id="a-corner-of-support"),
        pytest.param("5", part(), MEDIUM, id="support"),
        pytest.param("24.99", part(), MEDIUM, id="some-support"),
        pytest.param("60", part(), MEDIUM, id="much-support-and-nothing-else"),
        pytest.param("0", part(overhang=0.049), LOW, id="a-chamfer-underneath"),
        pytest.param("0", part(overhang=0.05), MEDIUM, id="unsupported-overhang"),
        pytest.param(None, part(overhang=0.3), MEDIUM, id="overhang-where-support-is-not-told"),
        pytest.param("10", part(overhang=0.1), MEDIUM, id="support-under-its-overhang-counts-once"),
        pytest.param("0", of_fineness(9.9), LOW, id="bracket"),
        pytest.param("0", of_fineness(10), MEDIUM, id="housing"),
        pytest.param("0", of_fineness(25), MEDIUM, id="lattice-without-support"),
        pytest.param("5", of_fineness(24.9), MEDIUM, id="housing-with-support"),
        pytest.param("25", of_fineness(10), HIGH, id="housing-with-much-support"),
        pytest.param("5", of_fineness(25), HIGH, id="lattice-with-support"),
        pytest.param("0", replace(of_fineness(25), overhang_share=0.2), HIGH, id="lattice-hanging"),
        pytest.param("0", part(bodies=3), LOW, id="three-gears"),
        pytest.param("0", part(bodies=4), MEDIUM, id="four-pieces"),
        pytest.param("0", part(bodies=50), MEDIUM, id="a-plate-full-of-cubes"),
        pytest.param("5", part(bodies=20), HIGH, id="a-plate-full-of-hooks"),
        pytest.param("5", replace(of_fineness(10), bodies=4), HIGH, id="a-little-of-everything"),
    ],
)
def test_the_rule_at_each_of_its_borders(
    support_g: str | None, shape: Part, rating: Complexity
) -> None:
    """By hand: the points of the module's text."""
    assert complexity(shape, metrics(support_g)) is rating


def test_a_sheet_is_as_easy_as_a_cube() -> None:
    """First layer only: 92 x 92 x 0.2 mm has 430 times the surface that its volume needs."""
    sheet = part(
        sides_mm=(92.0, 92.0, 0.2), volume_mm3=92 * 92 * 0.2, surface_mm2=2 * 92 * 92 + 4 * 92 * 0.2
    )
    assert complexity(sheet, metrics()) is LOW


@pytest.mark.parametrize("scale", [0.1, 25.4, 1000.0])
@pytest.mark.parametrize("fineness", [3.0, 12.0, 40.0])
def test_size_does_not_matter(scale: float, fineness: float) -> None:
    """The measures have no unit: a model railway house is as complex as the house."""
    small = of_fineness(fineness)
    large = part(
        sides_mm=(20 * scale, 20 * scale, 20 * scale),
        volume_mm3=small.volume_mm3 * scale**3,
        surface_mm2=small.surface_mm2 * scale**2,
    )
    assert complexity(large, metrics("6")) is complexity(small, metrics("6"))


shares = st.floats(0, 1)


@settings(derandomize=True, database=None, deadline=None, max_examples=200)
@given(
    st.lists(st.integers(0, 90), min_size=2, max_size=2),
    st.lists(shares, min_size=2, max_size=2),
    st.lists(st.floats(1, 100), min_size=2, max_size=2),
    st.lists(st.integers(1, 50), min_size=2, max_size=2),
)
def test_more_of_anything_never_makes_a_part_easier(
    support_g: list[int], overhang: list[float], fineness: list[float], bodies: list[int]
) -> None:
    """Each measure only ever adds."""
    ratings = [
        ORDER.index(
            complexity(
                replace(of_fineness(fine), overhang_share=hanging, bodies=count),
                metrics(str(support)),
            )
        )
        for support, hanging, fine, count in zip(
            sorted(support_g), sorted(overhang), sorted(fineness), sorted(bodies), strict=True
        )
    ]
    assert all(before <= after for before, after in pairwise(ratings))
