"""The error of wrong settings names every fault and is cheap to import."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pricing_fdm.settings.fault import SettingsError


def test_its_text_has_one_line_for_each_fault() -> None:
    """An operator reads it on the console."""
    error = SettingsError(("API_TOKEN: is too short", "SLICER: is unknown"))
    assert error.faults == ("API_TOKEN: is too short", "SLICER: is unknown")
    assert str(error).splitlines() == list(error.faults)


@pytest.mark.parametrize("module", ["fault", "port"])
def test_neither_the_error_nor_the_port_loads_the_settings(module: str) -> None:
    """A container runs the health check every few seconds; pydantic alone takes 0.4 s to load."""
    script = f"""
import sys, pricing_fdm.settings.{module}
print({{name for name in sys.modules if name.startswith(("pydantic", "pricing_fdm.settings."))}})
"""
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    expected = {"pricing_fdm.settings.fault", f"pricing_fdm.settings.{module}"}
    assert eval(loaded) == expected
