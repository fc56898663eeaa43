"""Puts the puppet (`tests/puppet/slicer.py`) in a slicer's place, in a test's own folder.

`install_fake_prusa(tmp_path)` installs a good one and `install_fake_orca(tmp_path, hang=True)` one
that hangs. Installed again into the same folder it only changes its behaviour.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.puppet.slicer import BEHAVIOUR

PUPPET = Path(__file__).parents[1] / "puppet"
# Not the one of a virtual environment, whose path may be long or have blanks.
PYTHON = Path(sys.executable).resolve()


def install_fake_prusa(folder: Path, **behaviour: object) -> Path:
    """Installs a PrusaSlicer 2.5.0 that does what `BEHAVIOUR` explains; returns its path."""
    return install(folder / "prusa-slicer", behaviour)


def install_fake_orca(folder: Path, **behaviour: object) -> Path:
    """Installs an OrcaSlicer 2.3.1; see `install_fake_prusa`."""
    return install(folder / "orca-slicer", behaviour)


def install(program: Path, behaviour: Mapping[str, object], python: Path = PYTHON) -> Path:
    """Writes the program and its folder; installed again, it only behaves otherwise.

    Args:
        program: Where to; the name says which slicer it stands for.
        behaviour: Fields of `BEHAVIOUR`.
        python: The interpreter that it runs with.

    Raises:
        TypeError: `BEHAVIOUR` has no such field.
    """
    unknown = set(behaviour) - set(BEHAVIOUR)
    if unknown:
        raise TypeError(f"the puppet cannot do this: {', '.join(sorted(unknown))}")
    own = program.with_name(f"{program.name}.d")
    if not program.exists():
        own.mkdir(parents=True)
        for recording in (PUPPET / own.name).glob("*"):
            shutil.copy(recording, own)
        text = (PUPPET / "slicer.py").read_text().partition("\n")[2]
        program.write_text(f"#!{python} -IS\n{text}")
        program.chmod(0o755)
    draft = own / "draft"
    draft.write_text(json.dumps(behaviour, default=str))
    draft.rename(own / "behaviour.json")
    return program


def read_records(file: Path) -> list[dict[str, Any]]:
    """What the puppet and its children wrote to `record_to`, in the order they did."""
    if not file.exists():
        return []
    whole = file.read_bytes().rpartition(b"\n")[0]  # one may be writing its line
    return [json.loads(line) for line in whole.splitlines()]
