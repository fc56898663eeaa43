"""`pricing-fdm check`: one command says what is wrong with an installation."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness.command import pricing_fdm
from tests.harness.redis_server import running_redis


def test_a_good_installation_is_told_check_by_check() -> None:
    """Slicer and version, profiles, temporary folder, a test slice."""
    result = pricing_fdm("check", environment={"PRICING_FDM_HOST": "127.0.0.1"})
    assert result.returncode == 0, result.stdout + result.stderr
    lines = result.stdout.splitlines()
    assert all(line.startswith("ok") for line in lines)
    assert {line.split()[1] for line in lines} == {
        "self_test",
        "profiles",
        "shop",
        "sandbox",
        "slicer",
        "step",
        "temp_dir",
        "access",
    }


def test_an_open_address_without_a_token_is_a_warning(tmp_path: Path) -> None:
    """No failure: a network may be closed by other means."""
    result = pricing_fdm("check")
    assert result.returncode == 0, result.stdout + result.stderr
    [row] = [line for line in result.stdout.splitlines() if not line.startswith("ok")]
    assert row.startswith("WARN  access     no API_TOKEN is set")
    path = tmp_path / "token"
    path.write_text(f"{'a' * 32}\n")
    result = pricing_fdm("check", environment={"API_TOKEN_FILE": str(path)})
    assert result.returncode == 0, result.stdout + result.stderr
    assert "ok    access     callers must send the token" in result.stdout


@pytest.mark.parametrize(
    ("environment", "failing"),
    [
        ({"PRUSA_BINARY": "/nonexistent"}, "slicer"),
        ({"SHOP_DIR": "/nonexistent"}, "shop"),
        ({"TEMP_DIR": "/nonexistent"}, "temp_dir"),
        ({"SLICER": "orca", "ORCA_BINARY": "/nonexistent"}, "slicer"),
        ({"ORCA_DISPLAY": "xvfb", "PATH": "/nonexistent"}, "slicer"),
    ],
    ids=["no slicer", "no shop", "no room", "no OrcaSlicer", "no Xvfb"],
)
def test_what_is_wrong_is_named(environment: dict[str, str], failing: str) -> None:
    """Exit code 1, the failing line says what and how to mend it."""
    result = pricing_fdm("check", environment=environment)
    assert result.returncode == 1
    failed = [line.split()[1] for line in result.stdout.splitlines() if line.startswith("FAIL")]
    assert failing in failed
    assert "Traceback" not in result.stderr


def test_a_reader_who_has_seen_enough_is_no_error_of_ours() -> None:
    """`pricing-fdm check | head -1` must not end in a traceback."""
    command = f"{sys.executable} -u -m pricing_fdm check | true"
    result = subprocess.run(
        ["/bin/bash", "-c", command],
        env={"PATH": os.environ["PATH"], "SLICER": "prusa"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.stderr == ""


def test_redis_is_examined_where_one_is_configured() -> None:
    """Before the first job is lost, and without showing its password."""
    with running_redis() as server:
        result = pricing_fdm("check", environment={"REDIS_URL": server.new_url()})
    assert result.returncode == 0, result.stdout + result.stderr
    assert "ok    redis " in result.stdout
    nowhere = {"REDIS_URL": "redis://:hunter2@127.0.0.1:1/0"}
    result = pricing_fdm("check", environment=nowhere)
    assert result.returncode == 1
    assert "FAIL  redis " in result.stdout
    assert "hunter2" not in result.stdout + result.stderr
