"""A slicer is found on this machine, and says its version."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pricing_fdm.slicers.program import find_binary


def test_a_name_is_looked_up_beside_our_own_python_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """There `make setup` puts OrcaSlicer, and nobody has to change PATH."""
    monkeypatch.setenv("PATH", "/nonexistent")
    assert find_binary(Path(sys.executable).name) == Path(sys.executable).absolute()
    assert find_binary("no-such-slicer") is None
