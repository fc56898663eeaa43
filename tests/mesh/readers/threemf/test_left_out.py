"""What of a 3MF is not in the quote is told once for each reason."""

from __future__ import annotations

from pathlib import Path

from tests.mesh.readers.threemf.test_extensions import BEAMS, CUT
from tests.mesh.threemf_reading import read
from tests.mesh.threemf_writer import an_object, built, mesh


def test_every_reason_has_its_own_sentence(tmp_path: Path) -> None:
    """Switched off, of another kind, without a mesh, with more than a mesh; ids in order."""
    with_beams = mesh().replace("</mesh>", f"{BEAMS}</mesh>")
    content = built(
        an_object(1, with_beams),
        an_object(9, CUT),
        an_object(4, CUT),
        items=(
            *('objectid="1"', 'objectid="9"', 'objectid="4"', 'objectid="9"'),
            'objectid="1" printable="0"',
        ),
    )
    told = [(each.code, each.message) for each in read(tmp_path, content).warnings]
    assert [code for code, _ in told] == ["parts_left_out", *["geometry_left_out"] * 2]
    assert "(boolean operations; id 4, 9)" in told[1][1]
    assert told[1][1].endswith(": 3 of 4.")
    assert told[2][1].endswith(": 1 of 1.")


def test_many_ids_are_cut_short(tmp_path: Path) -> None:
    """A warning is no list of parts."""
    objects = [an_object(number, CUT) for number in range(2, 9)]
    items = tuple(f'objectid="{number}"' for number in range(1, 9))
    [warning] = read(tmp_path, built(an_object(1), *objects, items=items)).warnings
    assert "id 2, 3, 4, 5, 6, ...)" in warning.message
    assert warning.message.endswith(": 7 of 8.")
