from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.harness.puppet import install_fake_orca, install_fake_prusa, read_records


def test_a_behaviour_that_it_does_not_know_is_refused(tmp_path: Path) -> None:
    """Misspelled, it would be a good slicer, and a test of a bad one would prove nothing."""
    with pytest.raises(TypeError, match="hangs"):
        install_fake_prusa(tmp_path, hangs=True)


def test_installed_again_it_behaves_otherwise(tmp_path: Path) -> None:
    """Services are started with a good one, which the test then turns bad."""
    binary = install_fake_orca(tmp_path, record_to=tmp_path / "seen")
    assert subprocess.run([binary, "--help"], check=True, capture_output=True).stdout
    assert install_fake_orca(tmp_path, exit_code=3, hang_until=tmp_path) == binary
    assert subprocess.run([binary], check=False).returncode == 3
    assert [record["role"] for record in read_records(tmp_path / "seen")] == ["main"]
