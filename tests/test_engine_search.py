"""The slicers of this machine, found or missed when what prices is built."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import pytest

from pricing_fdm.assembly import Assembly
from tests.harness.assembled import run_assembled

Run = Callable[..., dict[str, str | None]]


@pytest.mark.parametrize(
    ("environment", "missing"),
    [
        ({"PRUSA_BINARY": "/nonexistent"}, "no PrusaSlicer"),
        ({"ORCA_DISPLAY": "xvfb", "PATH": "/nonexistent"}, "Xvfb"),
    ],
    ids=["no slicer", "no Xvfb"],
)
def test_what_is_missing_is_a_check_and_no_exception(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, environment: dict[str, str], missing: str
) -> None:
    """The service must live to say what is wrong with it."""

    async def failing(assembly: Assembly) -> dict[str, str | None]:
        assert assembly.pipeline is None
        checks = assembly.readiness.checks()
        return {check.name: check.detail for check in checks if check.needed and not check.ok}

    run: Run = functools.partial(run_assembled, monkeypatch, tmp_path)
    found = run(failing, **environment)
    assert set(found) == {"slicer", "self_test"}
    assert missing in str(found["slicer"])


def test_the_slicers_and_their_sandbox_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In what `/ready` shows to the operator."""

    async def story(assembly: Assembly) -> dict[str, str | None]:
        return {check.name: check.detail for check in assembly.readiness.checks()}

    found = run_assembled(monkeypatch, tmp_path, story)
    assert found["slicer"] == "prusa 2.5.0"
    assert found["sandbox"]
