"""Installs executable stand-ins for the slicers into a test's own folder.

    binary = install_stand_in(tmp_path)                          # a well-behaved OrcaSlicer
    binary = install_stand_in(tmp_path, crash_signal="SIGSEGV")  # one that crashes
    binary = install_fake_prusa(tmp_path, hang=True)             # a PrusaSlicer that hangs

The executable names its interpreter and this repository by absolute path, so it runs with an
environment built from nothing. What it does wrong is written to `<name>.behaviour.json` beside
it; installing again into the same folder replaces that.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.fakes.behaviour import Behaviour

_REPOSITORY = Path(__file__).resolve().parents[2]
# The kernel reads no more than this of a script's first line.
_LONGEST_SHEBANG = 255
_WRAPPER = """\
#!{python} -IS
import sys

sys.path.insert(0, {repository!r})
from tests.fakes.{program}.main import main

main({behaviour!r})
"""


def install_stand_in(directory: Path, **behaviour: object) -> Path:
    """Installs a stand-in for OrcaSlicer 2.3.1 and returns its path.

    Args:
        directory: Where to put it; created if missing.
        **behaviour: Fields of `Behaviour`; a path may be given as one.

    Raises:
        TypeError: `Behaviour` has no such field.
    """
    return _install(directory / "orca-slicer", "orca", behaviour)


def install_fake_prusa(directory: Path, **behaviour: object) -> Path:
    """Installs a stand-in for PrusaSlicer 2.5.0 and returns its path; see `install_stand_in`."""
    return _install(directory / "prusa-slicer", "prusa", behaviour)


def _install(binary: Path, program: str, behaviour: dict[str, object]) -> Path:
    text = json.dumps(behaviour, default=str, indent=2)
    Behaviour(**json.loads(text))  # refuses a name it does not know
    # The stand-ins need the standard library only, so the interpreter behind a virtual
    # environment will do; its path is short and without blanks where the checkout's may not be.
    python = str(Path(sys.executable).resolve())
    if len(python) > _LONGEST_SHEBANG - len("#! -IS") or any(c.isspace() for c in python):
        raise RuntimeError(f"the kernel cannot start a script with the interpreter {python}")
    binary.parent.mkdir(parents=True, exist_ok=True)
    stated = binary.with_name(binary.name + ".behaviour.json")
    stated.write_text(text, encoding="utf-8")
    stated.with_suffix(".runs").unlink(missing_ok=True)
    script = _WRAPPER.format(
        python=python,
        repository=str(_REPOSITORY),
        program=program,
        behaviour=str(stated),
    )
    binary.write_text(script, encoding="utf-8")
    binary.chmod(0o755)
    return binary
