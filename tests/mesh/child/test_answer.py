"""What a child says is believed only if a child of ours can have said it."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest

from pricing_fdm.errors import InternalError, ModelExceedsBuildVolume, ModelInvalid
from pricing_fdm.estimate.features import MAX_SLABS, Sections, Slab
from pricing_fdm.mesh.child.answer import Lie, needs_support_in, part_in, sections_in
from tests.mesh.child.puppet_zygote import PART

TOLD: dict[str, Any] = PART


def part(**changes: Any) -> bytes:
    return json.dumps({"kind": "part", "part": {**TOLD, **changes}}).encode()


def test_a_part_comes_back_with_every_digit() -> None:
    """It is what is priced."""
    told = part_in(part(volume_mm3=0.1 + 0.2), 4)
    assert told.volume_mm3 == 0.1 + 0.2
    assert told.pose.rotation[0] == (1.0, 0.0, 0.0)


@pytest.mark.parametrize(
    "changes",
    [
        {"volume_mm3": float("nan")},
        {"volume_mm3": float("inf")},
        {"volume_mm3": 0},
        {"surface_mm2": -1.0},
        {"triangles": 5},
        {"triangles": 10**400},
        {"bodies": 0},
        {"bodies": 5},
        {"dimensions_mm": [1, 1, 0]},
        {"dimensions_mm": [1, 1]},
        {"overhang_share": 3},
        {"outline": [[0, 0], [1, 1]]},
        {"outline": [[0, 0], [2, 0], [1, 1]]},
        {"outline": [[0, 0], [1, 0], [0, 1e-9]]},
        {"outline": [[0, 0], [1, 0], [0, 1]] * 22},
        {"outline": [[1e9, 0], [1e9 + 1, 0], [1e9, 1]]},
        {"outline": [[0, 0], [1, 0], [0, float("inf")]]},
        {"pose": {"rotation": [[5, 0, 0]] * 3, "dimensions_mm": [1, 1, 1]}},
        {"format": "x" * 5000},
        {"warnings": [{"code": "x", "message": "x" * 5000}]},
        {"more": 1},
    ],
    ids=lambda changes: str(changes)[:40],
)
def test_break_in_1_a_part_that_cannot_be_is_a_lie(changes: dict[str, Any]) -> None:
    """Such figures would end in a price, a log or a division by zero."""
    with pytest.raises(Lie):
        part_in(part(**changes), 4)


def test_what_is_out_of_turn_is_a_lie() -> None:
    """The part comes after the clean STL."""
    assert needs_support_in(b'{"kind": "set_down", "needs_support": true}')
    assert not needs_support_in(b'{"kind": "set_down", "needs_support": false}')
    with pytest.raises(Lie):
        needs_support_in(part())
    with pytest.raises(Lie):
        part_in(b'{"kind": "set_down"}', 4)
    with pytest.raises(Lie):
        sections_in(part())


def test_sections_that_cannot_be_are_a_lie() -> None:
    """They would end in a price."""
    slab = dict.fromkeys((each.name for each in fields(Slab)), 1.0)
    good = dict.fromkeys((each.name for each in fields(Sections)), 1.0) | {
        "triangles": 12,
        "bodies": 1,
        "needs_support": False,
        "slabs": [slab],
    }
    sections_in(_sections(good))
    wrong: tuple[dict[str, Any], ...] = (
        {"slabs": []},
        {"slabs": [slab] * (MAX_SLABS + 1)},
        {"slabs": [slab | {"area_mm2": -1}]},
        {"height_mm": 0},
        {"tops_mm2": 1e300},
        {"overlap_share": 2},
    )
    for changes in wrong:
        with pytest.raises(Lie):
            sections_in(_sections(good | changes))


def _sections(sections: dict[str, Any]) -> bytes:
    return json.dumps({"kind": "sections", "sections": sections}).encode()


def test_a_refusal_is_raised_as_it_was_with_its_text_in_one_line() -> None:
    """A text that moves the cursor does so in nobody's terminal."""
    told = {"kind": "refused", "code": "model_exceeds_build_volume", "log_detail": ""}
    with pytest.raises(ModelExceedsBuildVolume) as caught:
        needs_support_in(json.dumps({**told, "detail": "too\nlarge\x1b[2J"}).encode())
    assert caught.value.detail == "too large [2J"
    assert caught.value.log_detail is None


def test_the_places_of_a_refusal_come_back() -> None:
    """The caller has to find them in the file."""
    told = {"kind": "refused", "code": "model_invalid", "detail": "open", "log_detail": ""}
    with pytest.raises(ModelInvalid) as caught:
        needs_support_in(json.dumps({**told, "places": [[1.0, 2.5, -3.0]]}).encode())
    assert caught.value.places == ((1.0, 2.5, -3.0),)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("failed", ModelInvalid),
        ("out_of_memory", ModelInvalid),
        ("unready", InternalError),
        ("no_room", OSError),
    ],
)
def test_each_failure_has_its_error(kind: str, error: type[Exception]) -> None:
    """A full disk and a child that cannot begin are not the file's fault; all else is."""
    with pytest.raises(error):
        needs_support_in(json.dumps({"kind": kind}).encode())
