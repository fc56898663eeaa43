"""Projects of PrusaSlicer, Bambu Studio and OrcaSlicer: what they would not print, we do not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing_fdm.mesh.readers.threemf import project
from tests.mesh.shapes import cube
from tests.mesh.threemf_reading import read, refusal
from tests.mesh.threemf_writer import CUBE, an_object, built, components, mesh, model

BAMBU = "Metadata/model_settings.config"
PRUSA = "Metadata/Slic3r_PE_model.config"
OTHER = "3D/Objects/object_1.model"
FAR = cube(5.0, (100.0, 0.0, 0.0))
FAR_AWAY = "1 0 0 0 1 0 0 0 1 300 0 0"


def config(*inside: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<config>{"".join(inside)}</config>'


def volume(first: int, last: int, *metadata: tuple[str, str]) -> str:
    told = "".join(
        f'<metadata type="volume" key="{key}" value="{value}"/>' for key, value in metadata
    )
    return f'<volume firstid="{first}" lastid="{last}">{told}</volume>'


def part(part_id: int, subtype: str, more: str = "") -> str:
    name = '<metadata key="name" value="x"/>'
    return f'<part id="{part_id}" subtype="{subtype}">{name}{more}</part>'


def own_extruder(number: int) -> str:
    return f'<metadata type="object" key="extruder" value="{number}"/>'


def plate(*copies: tuple[int, int]) -> str:
    told = "".join(
        "<model_instance>"
        f'<metadata key="object_id" value="{object_id}"/>'
        f'<metadata key="instance_id" value="{instance}"/>'
        '<metadata key="identify_id" value="77"/>'
        "</model_instance>"
        for object_id, instance in copies
    )
    return f'<plate><metadata key="plater_id" value="1"/>{told}</plate>'


def prusa(*second: tuple[str, str], name: str = PRUSA) -> bytearray:
    """One object of two volumes: a cube, and something further away."""
    first = volume(0, 11, ("volume_type", "ModelPart"))
    told = config(
        '<object id="1" instances_count="1">', first, volume(12, 23, *second), "</object>"
    )
    return built(an_object(1, mesh(np.concatenate([CUBE, FAR]))), parts={name: told})


def bambu(subtype: str, extruder: int = 0) -> bytearray:
    """One object of two parts, each with an object of its own."""
    group = an_object(3, components('objectid="1"', 'objectid="2"'))
    second = part(2, subtype, own_extruder(extruder) if extruder else "")
    told = config('<object id="3">', part(1, "normal_part"), second, "</object>")
    objects = (an_object(1), an_object(2, mesh(FAR)), group)
    return built(*objects, items=('objectid="3"',), parts={BAMBU: told})


# Behind it the object ends: one of its two volumes keeps the object's extruder.
VOLUME_OF_2 = (
    volume(0, 5, ("volume_type", "ModelPart"))
    + volume(6, 11, ("volume_type", "ModelPart"), ("extruder", "2"))
    + "</object>"
)

PRINTED = {
    "prusa-part": prusa(("volume_type", "ModelPart")),
    "prusa-unheard-of": prusa(("volume_type", "Novelty")),
    "prusa-old": prusa(("modifier", "0"), ("name", "ParameterModifier")),
    "bambu-part": bambu("normal_part"),
    "bambu-unheard-of": bambu("novelty"),
}
HELPERS = {
    "prusa-modifier": prusa(("volume_type", "ParameterModifier")),
    "prusa-blocker": prusa(("volume_type", "SupportBlocker")),
    "prusa-enforcer": prusa(("modifier", "1"), ("volume_type", "SupportEnforcer")),
    "slic3r-modifier": prusa(("modifier", "1")),
    "superslicer": prusa(
        ("volume_type", "ParameterModifier"), name="Metadata/SuperSlicer_model.config"
    ),
    "bambu-modifier": bambu("modifier_part"),
    "bambu-blocker": bambu("support_blocker"),
    "bambu-enforcer": bambu("support_enforcer"),
}


@pytest.mark.parametrize("content", PRINTED.values(), ids=PRINTED)
def test_parts_of_a_project_are_printed(tmp_path: Path, content: bytearray) -> None:
    """A kind that we do not know counts as a part, as it does for the slicers."""
    reading = read(tmp_path, content)
    assert (reading.corners == np.concatenate([CUBE, FAR])).all()
    assert reading.warnings == ()


@pytest.mark.parametrize("content", HELPERS.values(), ids=HELPERS)
def test_helpers_of_a_project_are_left_out_and_said(tmp_path: Path, content: bytearray) -> None:
    """Shapes that only say where another setting applies are no plastic."""
    reading = read(tmp_path, content)
    assert (reading.corners == CUBE).all()
    assert [warning.code for warning in reading.warnings] == ["parts_left_out"]


RANGES = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30) | st.just(2**31 - 1)))


@given(RANGES, st.integers(0, 25))
def test_ranges_of_helpers_overlap_end_early_and_reach_beyond_as_they_like(
    ranges: list[tuple[int, int]], count: int
) -> None:
    """50,000 of them over two million triangles must not be 50,000 walks."""
    keep = np.ones(count, dtype=np.bool_)
    for first, last in ranges:
        keep[first : last + 1] = False
    assert project._outside(ranges, count).tolist() == keep.tolist()


def test_two_files_that_say_the_same_say_it_once(tmp_path: Path) -> None:
    """Applied one after the other, the second would take other triangles."""
    told = config(
        '<object id="1">',
        volume(0, 11, ("volume_type", "ParameterModifier")),
        volume(12, 23, ("volume_type", "ModelPart")),
        "</object>",
    )
    double = mesh(np.concatenate([FAR, CUBE]))
    parts = {PRUSA: told, "Metadata/SuperSlicer_model.config": told}
    reading = read(tmp_path, built(an_object(1, double), parts=parts))
    assert (reading.corners == CUBE).all()
    assert reading.warnings[0].message.endswith(": 1.")


@pytest.mark.parametrize(
    "content",
    [prusa(("volume_type", "NegativeVolume")), bambu("negative_part")],
    ids=["prusa", "bambu"],
)
def test_a_project_that_cuts_volumes_is_refused(tmp_path: Path, content: bytearray) -> None:
    """We do not cut; priced whole, the part would be too dear."""
    assert "cuts one volume out of another" in refusal(tmp_path, content)


def test_only_what_is_printed_matters(tmp_path: Path) -> None:
    """Remarks on objects that are not built, or lie in another part, are about something else."""
    kinds = (part(1, "negative_part"), volume(0, 3, ("volume_type", "NegativeVolume")))
    told = config('<object id="2">', *kinds, "</object>", '<object id="9">', *kinds, "</object>")
    pair = (an_object(1), an_object(2, components('objectid="1"')))
    items = ('objectid="1"', 'objectid="2" printable="0"')
    switched_off = built(*pair, items=items, parts={BAMBU: told})
    elsewhere = built(
        items=(f'p:path="/{OTHER}" objectid="2"',), parts={BAMBU: told, OTHER: model(*pair)}
    )
    for content in (switched_off, elsewhere):
        assert (read(tmp_path, content).corners == CUBE).all()


ONE_PLATE = {
    "second-plate-empty": (plate((1, 0), (1, 1)), plate()),
    "second-plate-switched-off": (plate((1, 0), (1, 1)), plate((1, 2))),
    "copies-that-do-not-exist": (plate((1, 0), (1, 1)), plate((8, 0), (1, 7))),
}
ITEMS = ('objectid="1"', 'objectid="1"', 'objectid="1" printable="0"')


@pytest.mark.parametrize("plates", ONE_PLATE.values(), ids=ONE_PLATE)
def test_a_project_with_one_plate_in_use_is_read(tmp_path: Path, plates: tuple[str, ...]) -> None:
    """Empty plates are common."""
    content = built(an_object(1), items=ITEMS, parts={BAMBU: config(*plates)})
    assert len(read(tmp_path, content).corners) == 24


@pytest.mark.parametrize(
    ("on_plate", "cubes", "said"),
    [
        ([(1, 0)], 1, [("parts_left_out", "not in the quote: 1 of 2.")]),
        ([(1, 1)], 1, [("parts_left_out", "not in the quote: 1 of 2.")]),
        ([(1, 0), (1, 1)], 2, []),
        ([], 2, [("beside_the_plate", "The quote is for the objects beside it: 2.")]),
    ],
    ids=["second beside", "first beside", "none beside", "all beside"],
)
def test_what_lies_beside_the_plate_is_told(
    tmp_path: Path, on_plate: list[tuple[int, int]], cubes: int, said: list[tuple[str, str]]
) -> None:
    """A slicer prints what lies on the plate, and the customer sees it in grey."""
    items = ('objectid="1"', f'objectid="1" transform="{FAR_AWAY}"', ITEMS[2])
    reading = read(
        tmp_path, built(an_object(1), items=items, parts={BAMBU: config(plate(*on_plate))})
    )
    assert len(reading.corners) == 12 * cubes
    told = [warning for warning in reading.warnings if "not to be printed" not in warning.message]
    assert [each.code for each in told] == [code for code, _ in said]
    assert all(text in each.message for each, (_, text) in zip(told, said, strict=True))


EXTRUDERS = {
    "prusa": prusa(("volume_type", "ModelPart"), ("extruder", "2")),
    "prusa-object": built(
        an_object(1), parts={PRUSA: config(f'<object id="1">{own_extruder(3)}', VOLUME_OF_2)}
    ),
    "bambu": bambu("normal_part", extruder=2),
}


@pytest.mark.parametrize("content", EXTRUDERS.values(), ids=EXTRUDERS)
def test_volumes_of_several_extruders_are_several_materials(
    tmp_path: Path, content: bytearray
) -> None:
    """The quote is for one of them."""
    [warning] = read(tmp_path, content).warnings
    assert warning.code == "multi_material_ignored"
    assert "2 materials or colours" in warning.message


ONE_EXTRUDER = {
    "prusa-default": prusa(("volume_type", "ModelPart"), ("extruder", "0")),
    "prusa-first": prusa(("volume_type", "ModelPart"), ("extruder", "1")),
    "bambu-first": bambu("normal_part", extruder=1),
    "a whole object": built(
        an_object(1), parts={BAMBU: config(f'<object id="1">{own_extruder(4)}</object>')}
    ),
    "no number": prusa(("volume_type", "ModelPart"), ("extruder", "x")),
}


@pytest.mark.parametrize("content", ONE_EXTRUDER.values(), ids=ONE_EXTRUDER)
def test_volumes_of_one_extruder_are_one_material(tmp_path: Path, content: bytearray) -> None:
    """Whatever its number is."""
    assert read(tmp_path, content).warnings == ()


def test_the_extruder_of_a_helper_does_not_count(tmp_path: Path) -> None:
    """It is not printed."""
    content = prusa(("volume_type", "ParameterModifier"), ("extruder", "2"))
    assert [each.code for each in read(tmp_path, content).warnings] == ["parts_left_out"]


def test_a_project_with_two_plates_is_refused(tmp_path: Path) -> None:
    """They lie side by side in the file, which no printer has room for."""
    content = built(an_object(1), items=ITEMS, parts={BAMBU: config(plate((1, 0)), plate((1, 1)))})
    assert "parts on 2 plates" in refusal(tmp_path, content)


REFUSED = {
    "no-id": (config("<object/>"), "lacks an attribute"),
    "no-number": (config('<object id="1"><part id="x"/></object>'), "no whole number"),
    "contradiction": (
        config('<object id="1">', part(1, "normal_part"), part(1, "modifier_part"), "</object>"),
        "contradicts itself",
    ),
    "damaged": ("<config>", "damaged"),
    "sixty-thousand-volumes": (
        config(*(f'<object id="{number}"><part id="1"/></object>' for number in range(60_000))),
        "more objects than we read",
    ),
}


@pytest.mark.parametrize(("told", "reason"), REFUSED.values(), ids=REFUSED)
def test_remarks_that_cannot_be_read_are_refused(tmp_path: Path, told: str, reason: str) -> None:
    """A modifier may hide behind them."""
    assert reason in refusal(tmp_path, built(an_object(1), parts={BAMBU: told}))
