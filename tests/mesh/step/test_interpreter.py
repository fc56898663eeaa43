"""A script of ours starts in every sandbox, with the packages that it needs and nothing besides."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from pricing_fdm.mesh.step.interpreter import script_command
from pricing_fdm.sandbox.process import Limits, ProgramUnavailable, run
from pricing_fdm.sandbox.sandbox import NoSandbox, Sandbox
from tests.sandbox.sandboxes import SANDBOXES

LIMITS = Limits(wall_s=60, cpu_s=60, memory_bytes=4 * 1024**3, file_size_bytes=1024**2)
SOURCE = Path(script_command.__code__.co_filename).parents[2]

SPY = """
import json, sys, numpy
def reads(path):
    try:
        with open(path): return True
    except OSError: return False
def writes(path):
    try:
        with open(path, "w"): return True
    except OSError: return False
*paths, beside = sys.argv[1:]
writes(beside)
print(json.dumps([numpy.__name__, [reads(path) for path in paths], writes("own")]))
"""


@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_it_reads_its_packages_and_not_what_lies_about(sandbox: Sandbox, tmp_path: Path) -> None:
    """Our source, other runs' files and the machine's secrets stay out of reach."""
    script, folder = tmp_path / "script.py", tmp_path / "run"
    script.write_text(SPY)
    folder.mkdir()
    (tmp_path / "secret").write_text("of another run")
    command = script_command(script, "numpy")
    paths = [script, tmp_path / "secret", SOURCE / "settings" / "load.py", Path("/etc/passwd")]
    outcome = asyncio.run(
        run(
            [*command.argv, *map(str, paths), str(tmp_path / "beside")],
            cwd=folder,
            env={},
            limits=replace(LIMITS, sandbox=sandbox, readable=command.readable),
        )
    )
    assert outcome.exit_code == 0, outcome.stderr
    free = isinstance(sandbox, NoSandbox)
    assert json.loads(outcome.stdout) == ["numpy", [True, free, free, free], True]
    assert (tmp_path / "beside").exists() == free


def test_a_package_that_is_not_there_is_named() -> None:
    """The operator reads it in `/ready`."""
    with pytest.raises(ProgramUnavailable, match="the package no_such_package is not installed"):
        script_command(Path("script.py"), "numpy", "no_such_package")
