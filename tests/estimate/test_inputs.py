"""What the trees look at."""

from __future__ import annotations

from dataclasses import replace

from pricing_fdm.estimate.inputs import FEATURES, features_of, group_of
from tests.estimate.labels import part_of
from tests.estimate.test_preset_figures import bundled


def test_no_feature_depends_on_the_infill() -> None:
    """A tree that knew it could say less for more."""
    figures = bundled()
    part = part_of((30.0, 20.0, 9.0), figures)
    found = features_of(part, figures)
    assert len(found) == len(FEATURES)
    assert features_of(part, replace(figures, infill_share=0.8)) == found


def test_parts_are_grouped_by_what_makes_them_hard_to_tell() -> None:
    """The interval of a part is that of its group; support goes before all else."""
    figures = bundled()
    plain, tiny = part_of((30.0, 20.0, 9.0), figures), part_of((8.0, 8.0, 8.0), figures)
    crowded = tuple(replace(slab, loops=20.0) for slab in plain.slabs)
    held_up = tuple(replace(slab, support_mm2=5.0) for slab in tiny.slabs)
    assert group_of(plain) == "plain"
    assert group_of(tiny) == "tiny"
    assert group_of(replace(plain, slabs=crowded)) == "lattice"
    assert group_of(replace(tiny, slabs=held_up)) == "supported"
