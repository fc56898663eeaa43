"""Break-in 3: a slicer that was taken over leaves a trap in place of its result."""

from __future__ import annotations

import json
import re
import resource
import time
from pathlib import Path

import pytest

from pricing_fdm.errors import PricingError, ResultIncomplete
from pricing_fdm.gcode.metrics import extract_metrics
from tests.harness.shapes import box
from tests.slicers.engines import misbehaving, slice_part

CUBE = box(20, 20, 20)
KINDS = {
    "prusa": "out.gcode",
    "orca": "out/out.3mf",
    "orca, gcode": "out/plate_1.gcode",
}
LONG_MB = 200

# Each puts something in the place of the file `name`, of which the true one is kept as `kept`.
TRAPS = {
    "link": "import os; os.rename(name, kept); os.symlink(kept, name)",
    "hard link": "import os; os.link(name, kept)",
    "fifo": "import os; os.unlink(name); os.mkfifo(name)",
    "folder": "import os; os.unlink(name); os.mkdir(name)",
    "linked folder": (
        "import os, pathlib; f = str(pathlib.Path(name).absolute().parent); "
        "os.rename(f, f + '-away') if f != os.getcwd() else os.unlink(name); "
        "f != os.getcwd() and os.symlink(f + '-away', f)"
    ),
}


@pytest.mark.parametrize("trap", TRAPS)
@pytest.mark.parametrize("kind", KINDS)
def test_break_in_3_a_trap_in_the_place_of_the_gcode_is_never_opened(
    tmp_path: Path, kind: str, trap: str
) -> None:
    """A link to a dearer part's G-code was priced: 42.95 USD became 1,010.38 USD."""
    deed = f"name, kept = {KINDS[kind]!r}, {str(tmp_path / 'kept')!r}; {TRAPS[trap]}"
    engine = misbehaving(kind, tmp_path, trap=deed)
    with pytest.raises(ResultIncomplete):
        slice_part(engine, tmp_path / "run", CUBE)


@pytest.mark.parametrize("kind", KINDS)
def test_break_in_3_a_trap_laid_after_the_engine_looked_is_not_opened_either(
    tmp_path: Path, kind: str
) -> None:
    """A process that escaped may act between the look and the reading."""
    sliced, folder = slice_part(misbehaving(kind, tmp_path), tmp_path / "run", CUBE)
    sliced.gcode.rename(tmp_path / "kept")
    sliced.gcode.symlink_to(tmp_path / "kept")
    assert sliced.folder == folder
    with pytest.raises(ResultIncomplete, match="no readable G-code") as refused:
        extract_metrics(sliced.gcode, sliced.member, sliced.expected, sliced.folder)
    assert str(tmp_path) not in refused.value.detail


RESULTS = {
    "fifo": "import os; os.unlink(name); os.mkfifo(name)",
    "link": "import os; os.unlink(name); os.symlink('/dev/zero', name)",
    "long": f"open(name, 'w').write('[\"' + 'x' * ({LONG_MB} << 20) + '\"]')",
    "deep": "open(name, 'w').write('[' * 500_000)",
    "deep and whole": "open(name, 'w').write('{\"a\":' * 100_000 + '1' + '}' * 100_000)",
    "long number": "open(name, 'w').write('{\"return_code\":' + '9' * 5_000 + '}')",
    "no text": "open(name, 'wb').write(b'{\"a\": \"\\xff\"}')",
}


@pytest.mark.parametrize("trap", RESULTS)
def test_break_in_3_a_result_file_that_cannot_be_read_is_a_coded_error(
    tmp_path: Path, trap: str
) -> None:
    """As a FIFO it stopped the service for good; deep JSON was a 500, a long one took 1.2 GB."""
    deed = f"name = 'out/result.json'; {RESULTS[trap]}"
    engine = misbehaving("orca", tmp_path, trap=deed)
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    with pytest.raises(ResultIncomplete):
        slice_part(engine, tmp_path / "run", CUBE)
    assert time.process_time() - began < 2
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib
    assert grown_kib < LONG_MB * 1024 / 2


@pytest.mark.parametrize(
    "document",
    [
        {"return_code": 0, "sliced_plates": 7},
        {"return_code": 0, "sliced_plates": {"warning_message": "a"}},
        {"return_code": 0, "sliced_plates": [{"warning_message": [["deep"]]}]},
    ],
    ids=lambda document: json.dumps(document)[:60],
)
def test_break_in_3_strange_plates_carry_no_remark(
    tmp_path: Path, document: dict[str, object]
) -> None:
    """A plate list that is a number was an `internal_error`."""
    engine = misbehaving("orca", tmp_path, write={"result.json": json.dumps(document)})
    sliced, _ = slice_part(engine, tmp_path / "run", CUBE)
    assert sliced.warnings == ()


@pytest.mark.parametrize("code", [[], "0", 10**4000], ids=["list", "text", "long number"])
def test_break_in_3_a_strange_code_is_a_crash(tmp_path: Path, code: object) -> None:
    """Whatever it is, it does not say that all went well."""
    engine = misbehaving("orca", tmp_path, write={"result.json": json.dumps({"return_code": code})})
    with pytest.raises(PricingError) as crashed:
        slice_part(engine, tmp_path / "run", CUBE)
    assert crashed.value.code in {"slicer_crashed", "internal_error"}


def test_break_in_3_the_slicers_remarks_are_cut_and_can_be_sent(tmp_path: Path) -> None:
    """A warning of 30 MB became an answer of 30 MB; half a character has no encoding at all."""
    plates = [{"warning_message": "support \ud800\x1b[31m\n" * 1000}] * 20
    result = json.dumps({"return_code": 0, "sliced_plates": plates})
    engine = misbehaving("orca", tmp_path, write={"result.json": result})
    sliced, _ = slice_part(engine, tmp_path / "run", CUBE)
    texts = [warning.message for warning in sliced.warnings]
    assert 1 <= len(texts) <= 10
    assert sum(map(len, texts)) < 6000
    assert all(text.isprintable() and text.encode() for text in texts)
    assert re.match("support ", texts[0])
