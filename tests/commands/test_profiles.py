"""`pricing-fdm profiles`: a print shop edits a profile, is told, indexes it, and goes on."""

from __future__ import annotations

from pathlib import Path

from tests.harness.command import pricing_fdm


def test_a_profile_that_was_edited_is_told_until_it_is_indexed(tmp_path: Path) -> None:
    """Exit code 1 and the name of the file; prices would follow from it."""
    for path in (Path(__file__).parents[2] / "profiles").glob("*.json"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    environment = {"ORCA_PROFILES_DIR": str(tmp_path)}
    assert pricing_fdm("profiles", environment=environment).returncode == 0
    pla = tmp_path / "filament_pla.json"
    pla.write_text(pla.read_text().replace('"1.24"', '"1.25"'))
    changed = pricing_fdm("profiles", environment=environment)
    assert changed.returncode == 1
    assert "filament_pla.json" in changed.stderr
    assert pricing_fdm("profiles", "--write", environment=environment).returncode == 0
    assert pricing_fdm("profiles", environment=environment).returncode == 0
