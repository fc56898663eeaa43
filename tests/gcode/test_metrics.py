"""The door of the stage: real output of both slicers, and what must never become a price."""

from __future__ import annotations

import decimal
import json
import re
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing_fdm.errors import ResultIncomplete
from pricing_fdm.gcode.metrics import extract_metrics
from pricing_fdm.gcode.quantities import parse_duration_s
from pricing_fdm.model import Metrics
from tests.harness.models import more_orca_samples

PrusaSlice = Callable[..., Path]

MEMBER = "Metadata/plate_1.gcode"
FIXTURES = Path(__file__).parent / "fixtures"
ORCA_CUBE = FIXTURES / "orca-2.3.1-cube.3mf"
OVERHANG = FIXTURES / "orca-2.3.1-overhang-support.3mf"
PRUSA_CUBE = FIXTURES / "prusaslicer-2.9.2-cube.gcode"
BAMBU_TWO = FIXTURES / "bambustudio-2.8-two-filaments.gcode"
ORCA_ASKED = {
    "layer_height": "0.20",
    "sparse_infill_density": "15",
    "filament_type": "PLA",
    "filament_density": "1.24",
    "enable_support": "0",
}
# More samples than the repository carries; used where someone put them beside it.
MORE_SAMPLES = more_orca_samples()


def rounded(metrics: Metrics) -> tuple[str, str, str, int]:
    """Time in s, weight in g and volume in cm3 as a slicer prints them, layers."""
    return (
        str(metrics.print_time_s),
        f"{metrics.filament_g:.2f}",
        f"{metrics.volume_cm3:.2f}",
        metrics.layers,
    )


@pytest.mark.parametrize(
    ("name", "member", "asked", "figures"),
    [
        pytest.param(
            "orca-2.3.1-cube.3mf", MEMBER, ORCA_ASKED, ("1021", "4.21", "3.39", 100), id="orca-cube"
        ),
        pytest.param(
            "orca-2.3.1-dowel.3mf", MEMBER, ORCA_ASKED, ("101", "0.23", "0.18", 36), id="orca-dowel"
        ),
        pytest.param(
            "orca-2.3.1-overhang-support.gcode",
            None,
            {**ORCA_ASKED, "enable_support": "1"},
            ("4591", "16.74", "13.50", 391),
            id="orca-support",
        ),
        pytest.param(
            "orca-2.3.1-pulley-over-a-day.gcode",
            None,
            {**ORCA_ASKED, "layer_height": "0.1", "sparse_infill_density": "100%"},
            ("322521", "400.66", "323.12", 1599),
            id="orca-three-days",
        ),
        pytest.param(
            "orca-2.3.1-spool-holder.3mf",
            MEMBER,
            {**ORCA_ASKED, "sparse_infill_density": "20%", "enable_support": "1"},
            ("13718", "62.44", "50.36", 663),
            id="orca-two-counts-of-layers",
        ),
        pytest.param(
            "orca-bambu-machine.gcode", None, {}, ("1021", "4.21", "3.39", 100), id="orca-bambu"
        ),
        pytest.param(
            "prusaslicer-2.9.2-cube.gcode",
            None,
            {"layer_height": "0.2", "fill_density": "15%", "filament_type": "PLA"},
            ("1183", "3.65", "2.95", 100),
            id="prusa-2.9.2",
        ),
        pytest.param(
            "bambustudio-2.8-two-filaments.gcode",
            None,
            {"filament_type": "PLA", "filament_density": "1.24", "layer_height": "0.2"},
            ("3116", "10.25", "8.27", 24),
            id="bambu-two-filaments",
        ),
        pytest.param(
            "bambustudio-five-slots.gcode",
            None,
            {"filament_density": "1.32"},
            ("8040", "24.41", "18.84", 75),
            id="bambu-two-of-five",
        ),
    ],
)
def test_figures_of_real_output(
    name: str, member: str | None, asked: dict[str, str], figures: tuple[str, str, str, int]
) -> None:
    """Computed from length, they round to what each slicer printed."""
    metrics = extract_metrics(FIXTURES / name, member, asked)
    assert rounded(metrics) == figures
    assert metrics.warnings == ()


@pytest.mark.parametrize(
    ("name", "support_g"),
    [
        pytest.param("orca-2.3.1-cube.3mf", Decimal(0), id="switched-off"),
        pytest.param("orca-2.3.1-overhang-support.gcode", None, id="on-but-the-moves-are-missing"),
        pytest.param("bambustudio-five-slots.gcode", None, id="not-stated"),
    ],
)
def test_support_that_is_not_told_is_not_invented(name: str, support_g: Decimal | None) -> None:
    """None is none only where the settings say so."""
    member = MEMBER if name.endswith("3mf") else None
    assert extract_metrics(FIXTURES / name, member, {}).support_g == support_g


def whole_samples() -> list[object]:
    """The repository's own three, and what else there is."""
    found: list[object] = [
        pytest.param(ORCA_CUBE, "17m 1s", "4.21", "3.39", id="cube"),
        pytest.param(FIXTURES / "orca-2.3.1-dowel.3mf", "1m 41s", "0.23", "0.18", id="dowel"),
        pytest.param(OVERHANG, "1h 16m 31s", "16.74", "13.50", id="overhang-support"),
    ]
    index = MORE_SAMPLES / "expected.json"
    more = json.loads(index.read_text("utf-8")) if index.is_file() else {}
    found += [
        pytest.param(
            MORE_SAMPLES / name / "out.3mf",
            case["print_time"],
            case["filament_g"],
            case["filament_cm3"],
            id=f"more-{name}",
        )
        for name, case in more.items()
    ]
    return found


@pytest.mark.parametrize(("archive", "time_text", "weight_g", "volume_cm3"), whole_samples())
def test_figures_of_whole_archives(
    archive: Path, time_text: str, weight_g: str, volume_cm3: str
) -> None:
    """Complete 3MFs as OrcaSlicer wrote them, the largest with 35 MB of G-code."""
    metrics = extract_metrics(archive, MEMBER, {})
    assert metrics.print_time_s == parse_duration_s(time_text)
    assert f"{metrics.filament_g:.2f}" == weight_g
    assert f"{metrics.volume_cm3:.2f}" == volume_cm3
    assert metrics.support_g == 0 or metrics.warnings


def orca_text(archive: Path = ORCA_CUBE) -> str:
    with zipfile.ZipFile(archive) as opened:
        return opened.read(MEMBER).decode()


@pytest.mark.parametrize(
    "archive",
    [
        pytest.param(path, id=f"{path.parent.name}-{path.stem}")
        for path in (*sorted(FIXTURES.glob("*.3mf")), *sorted(MORE_SAMPLES.glob("*/out.3mf")))
    ],
)
def test_layers_are_those_that_are_printed(archive: Path) -> None:
    """OrcaSlicer's count in the head is that of its layer changes, with those of support alone.

    The count at its end may be larger: heights where support was planned and came to nothing.
    """
    changes = orca_text(archive).count("\n;LAYER_CHANGE")
    assert extract_metrics(archive, MEMBER, {}).layers == changes


def golden_text(name: str) -> str:
    """A whole, right G-code of one of the three layouts."""
    if name == "orca":
        return orca_text()
    return (PRUSA_CUBE if name == "prusa" else BAMBU_TWO).read_text("utf-8")


def extracted(folder: Path, text: str, asked: dict[str, str] | None = None) -> Metrics:
    path = folder / "out.gcode"
    path.write_text(text, "utf-8")
    return extract_metrics(path, None, asked or {})


def without(text: str, *labels: str) -> str:
    """Drops whole lines that begin with a label."""
    pattern = "|".join(map(re.escape, labels))
    changed, count = re.subn(rf"^; (?:{pattern}).*\n", "", text, flags=re.MULTILINE)
    assert count
    return changed


LAYERS = ("total layers count", "total layer number")
LENGTH = ("filament used [mm]", "total filament length")
WEIGHT = ("filament used [g]", "total filament weight")
REMOVALS = {
    "printing time": (
        ("estimated printing time (normal mode)", "model printing time"),
        "printing time",
    ),
    "layers": (LAYERS, "number of layers"),
    "weight": (WEIGHT, "filament weight"),
    "length-and-weight": ((*LENGTH, *WEIGHT), "filament weight"),
    "density": (("filament_density =",), "filament's density"),
    "diameter": (("filament_diameter =",), "filament's diameter"),
    "start-of-settings": (("CONFIG_BLOCK_START", "prusaslicer_config = begin"), "settings it used"),
    "end-of-settings": (("CONFIG_BLOCK_END", "prusaslicer_config = end"), "settings it used"),
}


@pytest.mark.parametrize(
    ("labels", "named"), [pytest.param(*case, id=name) for name, case in REMOVALS.items()]
)
@pytest.mark.parametrize("golden", ["orca", "prusa", "bambu"])
def test_a_removed_figure_is_an_error_that_names_it(
    tmp_path: Path, golden: str, labels: tuple[str, ...], named: str
) -> None:
    """K2: Never a default, never a price: each figure taken out of a golden result in turn."""
    with pytest.raises(ResultIncomplete, match=f"does not state the {named}") as caught:
        extracted(tmp_path, without(golden_text(golden), *labels))
    assert str(tmp_path) not in caught.value.detail


@pytest.mark.parametrize(
    "label",
    [
        "total layer number",
        "total layers count",
        "filament used [cm3]",
        "total filament used [g]",
        "total filament cost",
        "estimated first layer printing time",
        "layer_height",
    ],
)
def test_a_line_that_is_stated_again_or_not_needed_may_go(tmp_path: Path, label: str) -> None:
    """A slicer's next version may drop what no price depends on."""
    text = orca_text()
    assert extracted(tmp_path, without(text, label)) == extracted(tmp_path, text)


@pytest.mark.parametrize(
    ("golden", "weight_g", "volume_cm3", "length_mm"),
    [
        ("orca", "4.21", "3.395161", "1411.544"),
        ("prusa", "3.65", "2.943548", "1223.785"),
        ("bambu", "10.25", "8.266129", "3436.657"),
    ],
)
def test_without_length_volume_follows_from_weight_with_a_warning(
    tmp_path: Path, golden: str, weight_g: str, volume_cm3: str, length_mm: str
) -> None:
    """The one figure that is derived the other way round, with a warning.

    By hand, with 1.24 g/cm3 and 2.405282 mm2: 4.21 g / 1.24 = 3.395161 cm3, / 2.405282 mm2 =
    1411.544 mm; 3.65 g gives 2.943548 cm3, 1223.785 mm; 10.25 g gives 8.266129 cm3, 3436.657 mm.
    """
    metrics = extracted(tmp_path, without(golden_text(golden), *LENGTH))
    assert metrics.filament_g == Decimal(weight_g)
    assert round(metrics.volume_cm3, 6) == Decimal(volume_cm3)
    assert round(metrics.filament_mm, 3) == Decimal(length_mm)
    assert [warning.code for warning in metrics.warnings] == ["volume_derived"]


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [
        pytest.param(r"= 17m 1s", "= 0s", id="no-time"),
        pytest.param(r"(layers count =|layer number:) 100", r"\1 0", id="no-layers"),
        pytest.param(r"used \[(mm|g)\] = .*", r"used [\1] = 0.00", id="no-filament"),
        pytest.param(
            r"; filament used \[mm\].*\n((?:.*\n){1,3}?); filament used \[g\] = .*",
            r"\1; filament used [g] = 0.00",
            id="no-weight-and-no-length",
        ),
    ],
)
def test_a_part_that_prints_nothing_is_an_error(
    tmp_path: Path, pattern: str, replacement: str
) -> None:
    """OrcaSlicer without a filament profile exits with success and 0 g."""
    text, count = re.subn(pattern, replacement, orca_text())
    assert count
    with pytest.raises(ResultIncomplete, match="prints nothing"):
        extracted(tmp_path, text)


@pytest.mark.parametrize(
    ("pattern", "replacement", "named"),
    [
        (r"= 17m 1s", "= soon", "printing time"),
        (r"; total layer.*", "; total layers count = 1e2", "number of layers"),
        (r"\[mm\] = .*", "[mm] = nan", "filament length"),
        (r"; filament used \[g\] = .*", "; filament used [g] = -4.21", "filament weight"),
        (r"(?<=total filament used \[g\] = ).*", "4,21", "total filament weight"),
        (r"filament_density = .*", "filament_density = 0", "density"),
    ],
)
def test_a_figure_that_is_no_number_is_an_error(
    tmp_path: Path, pattern: str, replacement: str, named: str
) -> None:
    """Unreadable is missing; what stood there goes to the log only."""
    text, count = re.subn(pattern, replacement, orca_text())
    assert count
    with pytest.raises(ResultIncomplete, match=f"does not state the .*{named}") as caught:
        extracted(tmp_path, text)
    assert caught.value.log_detail
    assert replacement not in caught.value.detail


def again(text: str, line: str) -> str:
    """The text, with one more statement in front."""
    return f"{line}\n{text}"


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("; estimated printing time (normal mode) = 17m 2s", "printing time"),
        ("; model printing time: 1s; total estimated time: 16m 59s", "printing time"),
        ("; filament used [mm] = 1410.41", "filament length"),
        ("; filament used [mm] = 1410.40, 0.00", "filament length"),
    ],
)
def test_a_figure_that_decides_the_price_and_has_two_values_is_an_error(
    tmp_path: Path, line: str, named: str
) -> None:
    """Choosing one would be inventing a price."""
    with pytest.raises(ResultIncomplete, match=f"the {named} twice, with different values"):
        extracted(tmp_path, again(orca_text(), line))


def test_two_weights_are_an_error_where_the_price_comes_from_them(tmp_path: Path) -> None:
    """Without a length there is no other figure that would tell which is right."""
    text = without(orca_text(), *LENGTH)
    with pytest.raises(ResultIncomplete, match="filament weight twice"):
        extracted(tmp_path, again(text, "; filament used [g] = 4.215"))


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(
            "; estimated printing time (normal mode) = 0h 17m 1s", id="time-in-other-words"
        ),
        pytest.param("; filament used [mm] = 1410.4", id="length-with-fewer-digits"),
        pytest.param("; total filament weight [g] : 4.207", id="grams-with-more-digits"),
        pytest.param("; total filament used [g] = 4.2", id="total-with-fewer-digits"),
        pytest.param("; total layer number: 99", id="layers"),
        pytest.param("; total layers count = 102", id="layers-planned"),
        pytest.param("; filament: PLA", id="a-line-of-the-start-gcode"),
        pytest.param("; filament: 1\n; filament: 2", id="filaments-that-nobody-asks-for"),
    ],
)
def test_what_is_stated_twice_is_no_error_where_the_price_is_the_same(
    tmp_path: Path, line: str
) -> None:
    """A start G-code may say anything, and slicers round differently in head and foot."""
    found, plain = extracted(tmp_path, again(orca_text(), line)), extracted(tmp_path, orca_text())
    assert (found.filament_g, found.print_time_s) == (plain.filament_g, plain.print_time_s)


def test_grams_that_contradict_the_length_are_an_error(tmp_path: Path) -> None:
    """The slicer weighed with another density than its settings block says."""
    text = orca_text().replace("; filament_density = 1.24\n", "; filament_density = 1.04\n")
    with pytest.raises(ResultIncomplete, match="contradicts"):
        extracted(tmp_path, text)


def test_a_wrong_guess_which_filament_was_used_shows_in_the_grams(tmp_path: Path) -> None:
    """So the guess needs no check of its own: filaments 1 and 2 of five, said to be 1 and 4."""
    text = (FIXTURES / "bambustudio-five-slots.gcode").read_text("utf-8")
    with pytest.raises(ResultIncomplete, match="weight contradicts its filament length"):
        extracted(tmp_path, text.replace("; filament: 1,2\n", "; filament: 1,4\n"))


def test_a_setting_that_was_not_obeyed_is_an_error() -> None:
    """The figures are whole, but they are of another part than the one asked for."""
    with pytest.raises(ResultIncomplete, match="did not reach the slicer: infill"):
        extract_metrics(ORCA_CUBE, MEMBER, {**ORCA_ASKED, "sparse_infill_density": "20%"})


@settings(derandomize=True, database=None, deadline=None, max_examples=60)
@given(cut=st.floats(0, 1, exclude_max=True))
def test_a_cut_file_never_gives_figures(
    tmp_path_factory: pytest.TempPathFactory, cut: float
) -> None:
    """A slicer that was ended, or a disk that was full: the settings block lacks its end."""
    text = orca_text().rstrip()
    with pytest.raises(ResultIncomplete):
        extracted(tmp_path_factory.mktemp("cut"), text[: int(cut * len(text))])


@pytest.mark.parametrize("kind", ["zeros", "empty", "moves"])
def test_a_gibibyte_without_figures_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    """B12: Two windows are read, not the file; CPU time, so that load does not count."""
    path = tmp_path / "out.gcode"
    with path.open("wb") as file:
        if kind == "moves":
            file.write(b"G1 X1 Y1 E.5\n" * 100_000)
        if kind != "empty":
            file.truncate(1024**3)
    tracemalloc.start()
    began = time.thread_time()
    with pytest.raises(ResultIncomplete):
        extract_metrics(path, None, {})
    spent_s = time.thread_time() - began
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert spent_s < 1
    assert peak_bytes < 16 * 1024**2


def test_a_large_member_is_read_in_bounded_memory(tmp_path: Path) -> None:
    """Real moves, 40 MB of them, between head and tail of a real file."""
    head, _, tail = orca_text().partition("; EXECUTABLE_BLOCK_END\n")
    path = tmp_path / "out.3mf"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open(MEMBER, "w") as member,
    ):
        for piece in (*[head] * 150, tail):
            member.write(piece.encode())
    tracemalloc.start()
    metrics = extract_metrics(path, MEMBER, ORCA_ASKED)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rounded(metrics) == ("1021", "4.21", "3.39", 100)
    assert peak_bytes < 16 * 1024**2


def open_descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_nothing_is_written_and_no_descriptor_stays_open(tmp_path: Path) -> None:
    """Also when the reading fails half-way."""
    open_before = open_descriptors()
    damaged = bytearray(ORCA_CUBE.read_bytes())
    damaged[30_000] ^= 0xFF
    path = tmp_path / "out.3mf"
    path.write_bytes(damaged)
    with pytest.raises(ResultIncomplete):
        extract_metrics(path, MEMBER, {})
    extract_metrics(ORCA_CUBE, MEMBER, {})
    assert open_descriptors() == open_before
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.3mf"]


def test_the_thread_s_decimal_context_changes_nothing(prusa_slice: PrusaSlice) -> None:
    """A library that sets its own precision must not set ours, nor round what is computed."""
    supported = prusa_slice((8, 8, 0, 12, 12, 10), (0, 0, 8, 20, 20, 10), support_material="1")

    def found() -> tuple[Metrics, ...]:
        return extract_metrics(ORCA_CUBE, MEMBER, {}), extract_metrics(supported, None, {})

    usual = found()
    assert usual[1].support_g
    traps = [decimal.Inexact, decimal.Rounded, decimal.FloatOperation]
    with decimal.localcontext(decimal.Context(prec=1, rounding=decimal.ROUND_UP, traps=traps)):
        assert found() == usual
