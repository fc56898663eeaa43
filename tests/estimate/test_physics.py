"""Terms of time and filament of parts that can be worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pricing_fdm.estimate.features import Sections
from pricing_fdm.estimate.physics import FILAMENT_TERMS, TIME_TERMS, terms
from tests.estimate.labels import part_of
from tests.estimate.test_preset_figures import bundled

SIZE = (40.0, 30.0, 20.0)


def test_filament_of_a_box_is_its_shell_and_its_infill() -> None:
    """Solid layers and walls are full, the rest is a fifth full; the flow ratio counts for all."""
    figures = bundled()
    found = terms(part_of(SIZE, figures), figures).filament_mm3
    assert set(found) == set(FILAMENT_TERMS)
    shell, core = found["wall"] + found["skin"], found["sparse"] / 0.2
    assert shell + core == pytest.approx(40 * 30 * 20 * figures.flow_ratio, rel=0.001)
    assert core == pytest.approx(37.6 * 27.6 * 18.6 * figures.flow_ratio, rel=0.02)
    assert found["support"] == found["interface"] == 0


def test_walls_take_their_length_over_their_speed() -> None:
    """100 layers of 140 mm at 60 mm/s."""
    figures = bundled()
    found = terms(part_of(SIZE, figures), figures).time_s
    assert set(found) == set(TIME_TERMS)
    assert found["outer_wall"] == pytest.approx(100 * 140 / 60, rel=0.01)
    assert found["inner_wall"] == pytest.approx(100 * 2 * 136 / 90, rel=0.05)


def test_a_slow_melt_slows_all_lines_down() -> None:
    """With 3.2 mm3/s a line of 0.42 x 0.2 mm is laid at 42 mm/s."""
    figures = bundled()
    part = part_of(SIZE, figures)
    quick, slow = terms(part, figures), terms(part, replace(figures, flow_cap_mm3_s=3.2))
    assert slow.time_s["outer_wall"] > 1.3 * quick.time_s["outer_wall"]
    assert slow.time_s["sparse"] > 2 * quick.time_s["sparse"]
    assert slow.filament_mm3 == quick.filament_mm3


def test_a_small_layer_waits_for_its_least_time() -> None:
    """But it is never printed more slowly than the least speed."""
    figures = bundled()
    tower = part_of((4.0, 4.0, 20.0), figures)
    waits = terms(tower, replace(figures, min_layer_s=8.0)).time_s
    assert waits["cooling"] > 0
    assert sum(waits.values()) < 100 * (8.0 + 1.1)
    assert terms(tower, replace(figures, min_layer_s=0.0)).time_s["cooling"] == 0


def test_a_thin_wall_is_one_line_for_both_of_its_sides() -> None:
    """Its outline is twice as long as the line."""
    figures = bundled()
    thin = part_of((40.0, 0.45, 20.0), figures)
    outline = sum(slab.perimeter_mm for slab in thin.slabs) / len(thin.slabs)
    found = terms(thin, figures).time_s["outer_wall"]
    assert found == pytest.approx(100 * outline / 2 / figures.outer_speed, rel=0.02)


def _with(part: Sections, **changes: float) -> Sections:
    return replace(part, slabs=tuple(replace(slab, **changes) for slab in part.slabs))


def test_small_loops_are_printed_at_their_own_speed() -> None:
    """At 50 mm/s instead of 60 and 90."""
    figures = bundled()
    part = part_of(SIZE, figures)
    usual = terms(part, figures).time_s
    small = terms(_with(part, small_mm=140.0), figures).time_s
    assert small["outer_wall"] == pytest.approx(usual["outer_wall"] * 60 / 50)
    assert small["inner_wall"] == pytest.approx(usual["inner_wall"] * 90 / 50)


def test_each_piece_is_travelled_to_and_costs_a_retraction() -> None:
    """And walls over air are slow, three lines of them."""
    figures = bundled()
    part = part_of(SIZE, figures)
    whole = terms(_with(part, sparse_pieces=1.0, overhang_mm=0.0), figures).time_s
    many = terms(_with(part, sparse_pieces=9.0, overhang_mm=10.0), figures).time_s
    assert many["retraction"] == pytest.approx(whole["retraction"] * 11 / 3)
    assert many["travel"] > 3 * whole["travel"]
    slower = 1 / figures.overhang_speed - 1 / figures.inner_speed
    assert many["overhang"] - whole["overhang"] == pytest.approx(100 * 10 * 3 * slower)
