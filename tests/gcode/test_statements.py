"""Finding statements and the settings block in G-code text."""

from __future__ import annotations

import time

import pytest

from pricing_fdm.gcode.statements import Figure, parse_gcode

BLOCK = "; CONFIG_BLOCK_START\n; layer_height = 0.2\n; CONFIG_BLOCK_END\n"


@pytest.mark.parametrize(
    ("line", "figure", "value"),
    [
        ("; estimated printing time (normal mode) = 3d 1h 2m 3s", Figure.PRINT_TIME, "3d 1h 2m 3s"),
        ("; model printing time: 1m 2s; total estimated time: 1h 0s", Figure.PRINT_TIME, "1h 0s"),
        ("; total layers count = 100", Figure.LAYERS_AT_END, "100"),
        ("; total layer number: 24", Figure.LAYERS, "24"),
        ("; filament used [mm] = 763.08, 266.75", Figure.LENGTH_MM, "763.08,266.75"),
        ("; total filament length [mm] : 3001.18,435.48", Figure.LENGTH_MM, "3001.18,435.48"),
        ("; filament used [g] = 4.21", Figure.WEIGHT_G, "4.21"),
        ("; total filament weight [g] : 8.95,1.30", Figure.WEIGHT_G, "8.95,1.30"),
        ("; total filament used [g] = 4.21", Figure.TOTAL_WEIGHT_G, "4.21"),
        ("; filament: 1,2", Figure.SLOTS_USED, "1,2"),
        ("; total layers count = 100   \r", Figure.LAYERS_AT_END, "100"),
    ],
)
def test_each_statement_is_found(line: str, figure: Figure, value: str) -> None:
    """Both layouts, with the slicers' own spacing."""
    assert parse_gcode([f"G1 X1\n{line}\nM84\n"]).figures == {figure: [value]}


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("; x filament used [g] = 4.21", id="label-not-at-the-start"),
        pytest.param(" ; filament used [g] = 4.21", id="indented"),
        pytest.param("G1 X1 ; filament used [g] = 4.21", id="after-a-move"),
        pytest.param(";filament used [g] = 4.21", id="no-blank"),
        pytest.param("; total filament used for wipe tower [g] = 0.00", id="wipe-tower"),
        pytest.param("; total filament volume [cm^3] : 7218.68", id="volume-in-a-wrong-unit"),
        pytest.param("; estimated printing time (silent mode) = 19m 46s", id="silent-mode"),
        pytest.param("; estimated first layer printing time (normal mode) = 46s", id="first-layer"),
        pytest.param("; model printing time: 43m 36s", id="model-time-without-total"),
        pytest.param("; layer num/total_layer_count: 1/100", id="progress"),
        pytest.param("; total layers count = " + "1" * 3000, id="longer-than-any-statement"),
    ],
)
def test_look_alikes_are_no_statements(line: str) -> None:
    """Each of these was seen in real files or differs by one character."""
    assert not parse_gcode([line]).figures


def test_all_statements_of_a_figure_are_kept_in_order() -> None:
    """What a difference means is not decided here: it depends on the figure."""
    text = parse_gcode(
        ["; filament used [g] = 2\n; filament used [g] = 1\n", BLOCK, "; filament: 1"]
    )
    assert text.figures == {Figure.WEIGHT_G: ["2", "1"], Figure.SLOTS_USED: ["1"]}


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("; CONFIG_BLOCK_START", "; CONFIG_BLOCK_END"),
        ("; prusaslicer_config = begin", "; prusaslicer_config = end"),
    ],
)
def test_the_settings_block_becomes_a_mapping(start: str, end: str) -> None:
    """Values may be empty, hold equals signs, or look like statements."""
    block = "; a = 1\n; empty = \n; end_gcode = ; total layers count = 7\n; total layers count = 8"
    text = parse_gcode([f"G1\n{start}\n{block}\n{end}\n"])
    assert text.config == {
        "a": "1",
        "empty": "",
        "end_gcode": "; total layers count = 7",
        "total layers count": "8",
    }
    assert not text.figures


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param(["G1\n"], id="none"),
        pytest.param(["; CONFIG_BLOCK_START\n; a = 1\n"], id="cut-off-at-the-end"),
        pytest.param(["; a = 1\n; CONFIG_BLOCK_END\n"], id="cut-off-at-the-start"),
        pytest.param(BLOCK.split("; layer"), id="cut-in-the-middle"),
        pytest.param([BLOCK, BLOCK], id="two"),
    ],
)
def test_only_one_whole_settings_block_counts(pieces: list[str]) -> None:
    """Part of a block would leave a setting unchecked."""
    assert parse_gcode(pieces).config is None


def test_a_setting_said_twice_with_two_values_is_not_stated() -> None:
    """Nobody can say which of them the slicer used."""
    block = "; x = 15\n; x = 16\n; y = 1\n; y = 1\n"
    text = parse_gcode([f"; CONFIG_BLOCK_START\n{block}; CONFIG_BLOCK_END"])
    assert text.config == {"y": "1"}


def test_a_setting_said_twice_with_one_value_is_stated() -> None:
    """OrcaSlicer writes `wipe_tower_x` as 15.000 and as 15."""
    text = parse_gcode(["; CONFIG_BLOCK_START\n; x = 15.000\n; x = 15\n; CONFIG_BLOCK_END"])
    assert text.config == {"x": "15.000"}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a", id="letters"),
        pytest.param(" ", id="blanks"),
        pytest.param("; ", id="comment-marks"),
        pytest.param("=", id="equals-signs"),
        pytest.param("; filament used [g] = 1", id="statements-in-one-line"),
        pytest.param("; CONFIG_BLOCK_START\n", id="block-starts"),
    ],
)
@pytest.mark.parametrize(
    "opening", ["", "; ", "; filament used [mm] = ", "; CONFIG_BLOCK_START\n; a"]
)
def test_ten_mebibytes_of_one_thing_take_linear_time(opening: str, text: str) -> None:
    """A backtracking pattern would need hours for this; CPU time, so that load does not count."""
    hostile = opening + text * (10 * 1024**2 // len(text))
    began = time.thread_time()
    parse_gcode([hostile])
    assert time.thread_time() - began < 5
