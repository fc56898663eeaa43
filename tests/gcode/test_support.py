"""How much filament the moves of one kind lay down, against the slicers' own totals."""

from __future__ import annotations

import itertools
import re
import time
import tracemalloc
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing_fdm.gcode.reading import gcode_chunks
from pricing_fdm.gcode.support import SUPPORT, extruded_mm
from tests.harness.models import more_orca_samples

PrusaSlice = Callable[..., Path]

FIXTURES = Path(__file__).parent / "fixtures"
MEMBER = "Metadata/plate_1.gcode"
MORE_SAMPLES = more_orca_samples()
TABLE = ((8, 8, 0, 12, 12, 10), (0, 0, 8, 20, 20, 10))

EVERY_KIND = b""
CUSTOM = b"Custom"
E_STEP_MM = Decimal("0.00001")


def chunks_of(path: Path, member: str | None = None) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from gcode_chunks(file, member)


def measured(gcode: str, kind: bytes = SUPPORT) -> Decimal | None:
    return extruded_mm([gcode.encode()], kind)


SUPPORTED = """M83
;TYPE:External perimeter
G1 X10 Y0 E1
;TYPE:Support material
;WIDTH:0.4
G1 F2400
G1 X20 Y0 E.25
G1 X21 E0.5 ; a comment
G1 E-.8 F2100
G1 X0 Y0 F9000
G1 Z.6
G1 E.8 F2100
G2 X5 Y5 I1 J1 E.125
;TYPE:Support material interface
G1 X6 Y5 E1
;TYPE:Perimeter
G1 X7 Y7 E4
"""


def test_only_printing_moves_of_the_kind_count() -> None:
    """By hand: 0.25 + 0.5 + 0.125 for the support, 1 for the interface; the 0.8 went and came."""
    assert measured(SUPPORTED) == Decimal("1.875")
    assert measured(SUPPORTED, b"Perimeter") == 4
    assert measured(SUPPORTED, EVERY_KIND) == Decimal("6.875")


@pytest.mark.parametrize(
    ("retract", "undo"),
    [
        pytest.param("G1 E-.8 F2100", "G1 E.8 F2100", id="pulled-and-pushed"),
        pytest.param("G1 X1 Y1 E-.8", "G1 Z.4 E.8", id="wiped-on-the-way"),
        pytest.param("G10", "G11", id="by-the-firmware"),
    ],
)
def test_a_retraction_that_is_undone_elsewhere_changes_nothing(retract: str, undo: str) -> None:
    """It goes in the support and comes back in the next wall: a net sum would be 0.8 mm short."""
    gcode = f"M83\n;TYPE:Support\nG1 X1 E2\n{retract}\n;TYPE:Outer wall\n{undo}\nG1 X9 E3\n"
    assert measured(gcode) == 2
    assert measured(gcode, EVERY_KIND) == 5


@pytest.mark.parametrize(
    "gcode",
    [
        pytest.param(";TYPE:Support material\nG1 X1 E2\n;TYPE:Skirt\nG1 X2 E9\n", id="prusa"),
        pytest.param(";TYPE:Support\nG1 X1 E1\n;TYPE:Support transition\nG1 X2 E1", id="orca"),
        pytest.param("; FEATURE: Support interface\nG3 X1 E2\n; FEATURE: Brim\nG1 X2 E9", id="bbl"),
        pytest.param(";TYPE:Support\r\nG1 X1 E2\r\n;TYPE:Brim\r\nG1 X2 E9\r\n", id="crlf"),
    ],
)
def test_each_slicer_s_marks_are_known(gcode: str) -> None:
    """Real names, from output of PrusaSlicer, OrcaSlicer and BambuStudio."""
    assert measured(f"M83\n{gcode}") == 2


@pytest.mark.parametrize(
    "line",
    [
        "; support material extrusion width = 0.40mm",
        "; printing object Support",
        " ;TYPE:Support",
        "G1 X1 E9 ;TYPE:Support",
        ";TYPE:support",
    ],
)
def test_what_only_looks_like_a_mark_is_none(line: str) -> None:
    """A mark is a line of its own, letter by letter."""
    assert measured(f"M83\n;TYPE:Skirt\n{line}\nG1 X1 E2\n") == 0


ABSOLUTE = """M82
G92 E0
;TYPE:Perimeter
G1 X10 Y0 E1
G1 X20 Y0 E3.5
G1 E2.7 F2100
;TYPE:Support material
G1 E3.5 F2100
G1 X21 E4
G92 E0
G1 X22 E.25
G1 X23 E-.55
G1 E.25
G1 X24 E1.25
;TYPE:Perimeter
G1 X7 Y7 E9
"""


def test_absolute_positions_are_followed_through_the_stretches_between() -> None:
    """By hand: 4 - 3.5, then from zero 0.25, wiped back and pushed again, and 1 more."""
    assert measured(ABSOLUTE) == Decimal("1.75")
    assert measured(ABSOLUTE, EVERY_KIND) == Decimal("3.5") + Decimal("1.75") + Decimal("7.75")


def test_a_printer_starts_absolute_and_at_zero() -> None:
    """The usual firmware's state; a file need not say it again."""
    assert measured(";TYPE:Support\nG1 X1 E2\nG1 X2 E3\n") == 3


def test_the_mode_may_change_on_the_way() -> None:
    """Start-up lines are often relative where the print is absolute, and the other way round."""
    gcode = "M83\nG1 X9 E9\nM82\nG92 E0\n;TYPE:Support\nG1 X1 E2\nM83\nG1 X2 E2\nM82\nG1 X3 E5\n"
    assert measured(gcode) == 5


def test_a_position_that_nobody_knows_is_no_figure() -> None:
    """After relative moves, which are not summed up to a place, absolute E may mean anything."""
    between = ";TYPE:Skirt\nG1 X1 E1\n"
    lost = f"M83\n;TYPE:Support\nG1 X1 E1\n{between};TYPE:Support\nM82\nG1 X2 E9\n"
    assert measured(lost) is None
    assert measured(lost.replace(between, "")) is None
    assert measured(lost.replace("M82\n", "M82\nG92 E8\n")) == 2


def test_a_file_without_marks_tells_nothing() -> None:
    """No support found is not the same as none there."""
    assert measured("M83\nG1 X1 E2\n") is None
    assert measured("") is None


@settings(derandomize=True, database=None, deadline=None, max_examples=100)
@given(st.sets(st.integers(0, len(SUPPORTED))), st.sampled_from([SUPPORTED, ABSOLUTE]))
def test_it_does_not_matter_where_the_file_is_cut(cuts: set[int], gcode: str) -> None:
    """A chunk may end inside a mark or a number."""
    borders = [0, *sorted(cuts), len(gcode)]
    chunks = [gcode[start:end].encode() for start, end in itertools.pairwise(borders)]
    assert extruded_mm(chunks, SUPPORT) == measured(gcode)


def used_mm(text: str) -> Decimal:
    stated = re.search(r"^; filament used \[mm\] = ([0-9.]+)$", text, re.MULTILINE)
    assert stated
    return Decimal(stated[1])


def printed_slack_mm(text: str) -> Decimal:
    """How far the sum may be off: half a digit of the total, and of each move's E."""
    return Decimal("0.005") + text.count(" E") * E_STEP_MM / 2


@pytest.mark.parametrize(
    "config",
    [
        pytest.param({}, id="relative"),
        pytest.param({"use_relative_e_distances": "0", "before_layer_gcode": ""}, id="absolute"),
        pytest.param({"wipe": "1", "retract_before_wipe": "70%"}, id="wiping"),
        pytest.param({"use_firmware_retraction": "1"}, id="firmware-retraction"),
        pytest.param({"support_material": "0"}, id="without-support"),
        pytest.param({"support_material_style": "snug", "raft_layers": "2"}, id="raft"),
    ],
)
def test_all_kinds_together_are_what_prusaslicer_says_it_used(
    prusa_slice: PrusaSlice, config: dict[str, str]
) -> None:
    """The same rule for every kind gives the slicer's own figure, so the rule is the right one."""
    gcode = prusa_slice(*TABLE, **{"support_material": "1", **config})
    text = gcode.read_text("utf-8")
    total_mm = extruded_mm(chunks_of(gcode), EVERY_KIND)
    assert total_mm is not None
    assert abs(total_mm - used_mm(text)) <= printed_slack_mm(text)


def test_relative_and_absolute_files_hold_the_same_support(prusa_slice: PrusaSlice) -> None:
    """One part, written in the two ways."""
    found = [
        extruded_mm(chunks_of(prusa_slice(*TABLE, support_material="1", **config)), SUPPORT)
        for config in ({}, {"use_relative_e_distances": "0", "before_layer_gcode": ""})
    ]
    assert found[0] is not None
    assert found[1] is not None
    assert found[0] > 10
    assert abs(found[0] - found[1]) < Decimal("0.05")


def orca_archives() -> list[object]:
    """The repository's own three, and what else there is."""
    names = ("cube", "dowel", "overhang-support")
    found = [FIXTURES / f"orca-2.3.1-{name}.3mf" for name in names]
    found += sorted(MORE_SAMPLES.glob("*/out.3mf"))
    return [pytest.param(path, id=f"{path.parent.name}-{path.stem}") for path in found]


@pytest.mark.parametrize("archive", orca_archives())
def test_all_kinds_together_are_what_orcaslicer_says_it_used(archive: Path) -> None:
    """The same rule for another slicer, on the parts that it was tried with."""
    text = b"".join(chunks_of(archive, MEMBER)).decode()
    total_mm = extruded_mm(chunks_of(archive, MEMBER), EVERY_KIND)
    assert total_mm is not None
    assert abs(total_mm - used_mm(text)) <= printed_slack_mm(text)


def test_the_strand_of_the_start_gcode_counts() -> None:
    """OrcaSlicer counts what its start G-code draws; so do we when asked for all."""
    archive = FIXTURES / "orca-2.3.1-cube.3mf"
    assert extruded_mm(chunks_of(archive, MEMBER), CUSTOM) == Decimal("59.5")


def moves_without_support(megabytes: int) -> Iterator[bytes]:
    line = b"G1 X101.234 Y99.876 E.01234\n"
    piece = b";TYPE:Perimeter\n" + line * (128 * 1024 // len(line))
    yield b"M83\n"
    for _ in range(8 * megabytes):
        yield piece


def test_a_hundred_megabytes_without_support_are_searched_in_a_moment() -> None:
    """Nothing is parsed, nothing kept; CPU time, so that load does not count."""
    tracemalloc.start()
    began = time.thread_time()
    assert extruded_mm(moves_without_support(100), SUPPORT) == 0
    spent_s = time.thread_time() - began
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert spent_s < 1
    assert peak_bytes < 4 * 1024**2
