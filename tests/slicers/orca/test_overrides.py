"""What the caller chose, in OrcaSlicer's keys."""

from __future__ import annotations

import pytest

from pricing_fdm.model import PrintSettings, Supports
from pricing_fdm.slicers.orca.overrides import orca_overrides
from tests.harness import qualities
from tests.slicers.profile_folder import chosen_for


@pytest.mark.parametrize(
    ("infill", "supports", "expected"),
    [
        (20, Supports.AUTO, {"sparse_infill_density": "20%", "enable_support": "1"}),
        (10, Supports.NEVER, {"sparse_infill_density": "10%", "enable_support": "0"}),
        (
            100,
            Supports.NEVER,
            {
                "sparse_infill_density": "100%",
                "sparse_infill_pattern": "rectilinear",
                "enable_support": "0",
            },
        ),
        (
            99,
            Supports.ALWAYS,
            {
                "sparse_infill_density": "99%",
                "enable_support": "1",
                "support_threshold_angle": "89",
                "bridge_no_support": "0",
            },
        ),
    ],
    ids=["auto", "never", "solid", "always"],
)
def test_each_choice_has_its_keys(
    infill: int, supports: Supports, expected: dict[str, str]
) -> None:
    """`auto` leaves threshold and bridges to the process profile."""
    chosen = PrintSettings("pla", infill, qualities.STANDARD, supports)
    assert orca_overrides(chosen) == expected
    # A misspelt key would be dropped by the slicer without a word.
    assert expected.keys() <= chosen_for(chosen).process.values.keys()
