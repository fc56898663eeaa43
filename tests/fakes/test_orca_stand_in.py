"""The stand-in's outputs have the real forms, and its figures move the right way.

The forms are compared with text recorded from the real OrcaSlicer 2.3.1; the figures are made
up, so only their direction is tested.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.fakes.bench import FILAMENT, MACHINE, PROCESS, Bench
from tests.fakes.boxes import binary_stl
from tests.fakes.figures import duration
from tests.harness.shapes import box, table

FIXTURES = Path(__file__).parent / "fixtures"
RECORDED_GCODE = (FIXTURES / "recorded_gcode.txt").read_text(encoding="utf-8")


def forms(text: str) -> list[str]:
    """Each line with its version and its digits made equal; the number of decimals stays."""
    text = re.sub(r"\.\d+", lambda found: "." + "#" * (len(found[0]) - 1), text)
    return re.sub(r"\d+", "#", text.replace("-beta", "")).split("\n")


def between(text: str, start: str, end: str) -> str:
    """The part from `start` up to `end`."""
    return text[text.index(start) : text.index(end)]


def test_the_head_has_the_recorded_form(bench: Bench) -> None:
    """Line by line, blank lines included, up to the first command."""
    ran = bench.slice()
    end = "; EXECUTABLE_BLOCK_START\n"
    ours = between(ran.gcode, "; HEADER_BLOCK_START", end)
    assert forms(ours) == forms(between(RECORDED_GCODE, "; HEADER_BLOCK_START", end))


def test_the_statistics_have_the_recorded_form(bench: Bench) -> None:
    """The extractor reads exactly these lines, in this order, with these decimals."""
    start, end = "; EXECUTABLE_BLOCK_END", "; CONFIG_BLOCK_START"
    ours = between(bench.slice().gcode, start, end)
    assert forms(ours) == forms(between(RECORDED_GCODE, start, end))


def test_the_config_block_names_the_recorded_settings(bench: Bench) -> None:
    """All of them, in the recorded order: some 520 lines after the statistics."""
    gcode = bench.slice().gcode
    ours = gcode[gcode.index("; CONFIG_BLOCK_START") :].split("\n")
    recorded = RECORDED_GCODE[RECORDED_GCODE.index("; CONFIG_BLOCK_START") :].split("\n")
    assert [line.split(" =")[0] for line in ours] == recorded


def test_the_statistics_are_tens_of_kilobytes_from_the_end(bench: Bench) -> None:
    """Whoever reads the last 8 KB finds only settings."""
    gcode = bench.slice().gcode
    assert len(gcode) - gcode.index("; filament used [mm]") > 16_000


def test_every_layer_is_announced(bench: Bench) -> None:
    """Z and height follow each other as in real files."""
    gcode = bench.slice().gcode
    assert gcode.count(";LAYER_CHANGE\n;Z:") == 100
    assert ";LAYER_CHANGE\n;Z:20\n;HEIGHT:0.2\n" in gcode


def test_the_moves_add_up_to_the_stated_length(bench: Bench) -> None:
    """The real program agrees with itself within 0.3 %; a cross-check may lean on that."""
    ran = bench.slice()
    moves = re.findall(r"(?m)^G1 .*\bE(-?[\d.]+)", ran.gcode)
    stated = float(ran.stated("filament used [mm]"))
    assert sum(float(length) for length in moves) == pytest.approx(stated, rel=0.003)


def test_grams_follow_from_length_section_and_density(bench: Bench) -> None:
    """The figures of one run never contradict each other by more than rounding."""
    ran = bench.slice()
    volume_cm3 = float(ran.stated("filament used [mm]")) * 3.14159265 / 4 * 1.75**2 / 1000
    assert float(ran.stated("filament used [cm3]")) == pytest.approx(volume_cm3, abs=0.005)
    assert ran.grams == pytest.approx(volume_cm3 * 1.24, abs=0.005)
    assert float(ran.stated("filament cost")) == pytest.approx(ran.grams * 0.02, abs=0.006)


def test_two_runs_differ_only_in_the_timestamp(bench: Bench) -> None:
    """As with the real program: compare figures, not bytes."""
    first, second = (bench.slice().gcode.split("\n") for _ in range(2))
    assert first[:1] + first[2:] == second[:1] + second[2:]


def test_the_project_has_the_recorded_members(bench: Bench) -> None:
    """Names, order and compression; nothing of the unfinished file stays."""
    ran = bench.slice()
    with zipfile.ZipFile(ran.out / "out.3mf") as archive:
        infos = archive.infolist()
    recorded = (FIXTURES / "recorded_members.txt").read_text(encoding="utf-8").split()
    ours = [info.filename.replace("cube.stl", "box-20mm-ascii.stl") for info in infos]
    assert ours == recorded
    assert {info.compress_type for info in infos} == {zipfile.ZIP_DEFLATED}
    assert ran.files == ["out.3mf", "plate_1.gcode", "result.json"]


def test_the_project_repeats_the_gcode_byte_for_byte(bench: Bench) -> None:
    """Either may be read; the digest is upper-case hex without a line end."""
    ran = bench.slice()
    inner = ran.member("Metadata/plate_1.gcode")
    assert inner == (ran.out / "plate_1.gcode").read_bytes()
    digest = hashlib.md5(inner, usedforsecurity=False).hexdigest().upper()
    assert ran.member("Metadata/plate_1.gcode.md5") == digest.encode()


def test_every_xml_member_is_well_formed(bench: Bench) -> None:
    """Odd file names are escaped."""
    model = bench.model('a<&"b', binary_stl(box(9, 9, 9)))
    ran = bench.slice(model=model)
    with zipfile.ZipFile(ran.out / "out.3mf") as archive:
        for name in archive.namelist():
            if name.endswith((".rels", ".model", "model_settings.config", "slice_info.config")):
                assert ET.fromstring(archive.read(name)) is not None


def test_the_slice_info_has_the_recorded_form(bench: Bench) -> None:
    """Same elements, same attributes, and the figures of the G-code."""
    ran = bench.slice()
    ours = ET.fromstring(ran.member("Metadata/slice_info.config"))
    recorded = ET.fromstring((FIXTURES / "recorded_slice_info.xml").read_bytes())

    def shape(root: ET.Element) -> list[tuple[str, list[str], str | None]]:
        return [(node.tag, list(node.attrib), node.get("key")) for node in root.iter()]

    assert shape(ours) == shape(recorded)
    facts = {node.get("key"): node.get("value") for node in ours.iter("metadata")}
    assert facts["prediction"] == str(ran.seconds)
    assert facts["weight"] == f"{ran.grams:.2f}"
    assert facts["support_used"] == "false"


def test_a_project_without_a_slice_has_no_plate(bench: Bench) -> None:
    """Exit 0 and a valid archive, and yet nothing to price."""
    ran = bench.run(*bench.arguments()[:-1], "2")
    assert b"<plate>" not in ran.member("Metadata/slice_info.config")
    with pytest.raises(KeyError):
        ran.member("Metadata/plate_1.gcode")


def test_the_scratch_folder_loses_only_its_leaf(bench: Bench) -> None:
    """Its parents stay after success, all of it after a failure: the caller must clean up."""
    root = bench.folder / "tmp/orcaslicer_model"
    bench.slice()
    assert [path.is_dir() for path in root.rglob("*")] == [True]
    bench.slice(model="models/none.stl")
    assert len(list(root.rglob("*"))) == 2


def test_a_blocked_scratch_folder_costs_the_project(bench: Bench) -> None:
    """As when another user owns `orcaslicer_model` in a shared TMPDIR; the G-code is there."""
    (bench.folder / "tmp/orcaslicer_model").write_text("not a folder")
    ran = bench.slice()
    assert (ran.exit, ran.files) == (243, ["plate_1.gcode", "result.json"])
    assert ran.stderr.startswith("Project export to ")
    profiles = ["--load-settings", "profiles/machine.json;profiles/process.json"]
    outputs = ["--outputdir", str(bench.out)]
    assert bench.run(*profiles, *outputs, "models/cube.stl", "--slice", "0").exit == 0


def test_a_cantilever_is_warned_of_unless_supports_are_on(bench: Bench) -> None:
    """The warning is in `result.json` only, with exit 0."""
    model = bench.model("table", binary_stl(table()))

    def warning(*extra: str) -> str:
        plate = bench.slice(*extra, model=model).result["sliced_plates"][0]
        return str(plate["warning_message"])

    assert warning() == (
        "It seems object table.stl has floating cantilever. Please re-orient the object or"
        " enable support generation."
    )
    assert warning("--enable-support") == ""
    assert warning("--no-check") == ""


MORE_PLASTIC = {
    "more infill": ["--sparse-infill-density", "50%"],
    "more walls": ["--wall-loops", "5"],
    "more top layers": ["--top-shell-layers", "8"],
    "a brim": ["--brim-type", "outer_only", "--brim-width", "5"],
    "a skirt": ["--skirt-loops", "3"],
    "normal supports": ["--enable-support"],
    "tree supports": ["--enable-support", "--support-type", "tree(auto)"],
}


@pytest.mark.parametrize("extra", MORE_PLASTIC.values(), ids=MORE_PLASTIC.keys())
def test_more_plastic_is_more_grams_and_more_time(bench: Bench, extra: list[str]) -> None:
    """The adapter's tests demand that a changed setting moves the figures this way."""
    model = bench.model("table", binary_stl(table()))
    before, after = bench.slice(model=model), bench.slice(*extra, model=model)
    assert after.grams > before.grams
    assert after.seconds > before.seconds


SLOWER = {
    "thinner layers": ["--layer-height", "0.1"],
    "slower walls": ["--outer-wall-speed", "20"],
    "a slow hot end": ["--filament-max-volumetric-speed", "2"],
    "a lame machine": ["--default-acceleration", "50"],
    "a curly pattern": ["--sparse-infill-pattern", "gyroid"],
    "a pause for each layer": ["--slow-down-layer-time", "60"],
}


@pytest.mark.parametrize("extra", SLOWER.values(), ids=SLOWER.keys())
def test_slower_settings_take_longer(bench: Bench, extra: list[str]) -> None:
    """Time moves though the amount of plastic hardly does."""
    before, after = bench.slice(), bench.slice(*extra)
    assert after.seconds > before.seconds
    assert after.grams == pytest.approx(before.grams, rel=0.1)


def test_a_lighter_material_weighs_less_for_the_same_length(bench: Bench) -> None:
    """Grams follow the density, the length does not."""
    before, after = bench.slice(), bench.slice("--filament-density", "1.04")
    assert after.stated("filament used [mm]") == before.stated("filament used [mm]")
    assert after.grams == pytest.approx(before.grams * 1.04 / 1.24, abs=0.01)


def test_supports_cost_less_as_trees(bench: Bench) -> None:
    """And the project says that supports were used."""
    model = bench.model("table", binary_stl(table()))
    normal = bench.slice("--enable-support", model=model)
    tree = bench.slice("--enable-support", "--support-type", "tree(auto)", model=model)
    assert tree.grams < normal.grams
    assert b'key="support_used" value="true"' in tree.member("Metadata/slice_info.config")


def test_nothing_to_support_needs_no_supports(bench: Bench) -> None:
    """A cube with supports allowed is the same print."""
    assert bench.slice("--enable-support").grams == bench.slice().grams


def test_without_walls_and_faces_only_infill_is_left(bench: Bench) -> None:
    """The emptiest part that can be asked for."""
    nothing = ["--wall-loops", "0", "--top-shell-layers", "0", "--bottom-shell-layers", "0"]
    assert bench.slice(*nothing).grams < bench.slice().grams / 2


def test_the_start_gcode_counts(bench: Bench) -> None:
    """A purge line is filament, too."""
    before = bench.slice()
    bench.profile("machine", MACHINE, machine_start_gcode="")
    purged = float(before.stated("filament used [mm]"))
    assert float(bench.slice().stated("filament used [mm]")) == pytest.approx(purged - 9, abs=0.01)


def test_placeholders_are_filled_in(bench: Bench) -> None:
    """Unknown ones and conditions must not stop the run."""
    start = "M104 S[first_layer_temperature]\nM140 S[bed]{if x} Z{endif}\nM204 S[layer_height]"
    bench.profile("machine", MACHINE, machine_start_gcode=start)
    bench.profile("filament", FILAMENT, nozzle_temperature_initial_layer=["225"])
    bench.profile("process", PROCESS, curr_bed_type="High Temp Plate")
    ran = bench.slice()
    assert "M104 S225\nM140 S[bed] Z\nM204 S0.2\n" in ran.gcode
    assert ran.stated("first_layer_bed_temperature") == "45"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        pytest.param(0.5, "0.500000s", id="below a second"),
        pytest.param(4.9, "4s", id="cut, not rounded"),
        pytest.param(184, "3m 4s", id="minutes"),
        pytest.param(3605, "1h 0m 5s", id="inner zero"),
        pytest.param(322521, "3d 17h 35m 21s", id="days"),
    ],
)
def test_durations_have_the_recorded_form(seconds: float, text: str) -> None:
    """Leading zero units are left out, inner ones are not."""
    assert duration(seconds) == text
