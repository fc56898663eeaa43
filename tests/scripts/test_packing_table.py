"""The table of how many copies fit, which docs/plates.md shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.packing_table import main
from tests.harness.shapes import binary_stl, box


def test_each_model_has_a_row_with_what_fits_and_what_no_packing_exceeds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be printed has none: it is larger than the bed."""
    (tmp_path / "cube.stl").write_bytes(binary_stl(box(20, 20, 20)))
    (tmp_path / "large.stl").write_bytes(binary_stl(box(300, 20, 20)))
    (tmp_path / "notes.txt").write_text("no model")
    main(str(tmp_path))
    *_, row = rows = capsys.readouterr().out.splitlines()
    assert len(rows) == 3
    name, copies, at_most, cpu_s = (cell.strip() for cell in row.strip("|").split("|"))
    assert (name, copies, at_most) == ("cube", "49", "63")
    assert 0 < float(cpu_s) < 5


def test_without_a_folder_the_rows_are_orders_that_take_long(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each with its plates, which say that it was really packed."""
    monkeypatch.setattr("scripts.packing_table.KINDS", 2)
    main()
    _, _, *rows = capsys.readouterr().out.splitlines()
    plates = [int(row.split("|")[2]) for row in rows]
    assert plates == [63, 3, 28, 1, 125, 3, 5, 5]
