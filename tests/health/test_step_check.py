"""Where STEP files cannot be read, the operator is told, and everything else goes on."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from pricing_fdm.health.step_check import create_converter, try_converter
from pricing_fdm.mesh.step.converter import StepConverter
from pricing_fdm.sandbox.process import Limits, ProgramUnavailable
from tests.health.idle import check_of, idle_readiness

LIMITS = Limits(wall_s=60, cpu_s=60, memory_bytes=4 * 1024**3, file_size_bytes=1024**3)


def test_a_converter_that_works_is_told_with_its_version(tmp_path: Path) -> None:
    """Only after it has been tried; and nobody waits for that."""
    readiness = idle_readiness(tmp_path)
    converter = create_converter(LIMITS, readiness, max_triangles=100_000, at_once=1)
    assert converter is not None
    step = check_of(readiness, "step")
    assert (step.ok, step.detail, step.needed) == (False, "not tried yet", False)
    asyncio.run(try_converter(converter, readiness))
    step = check_of(readiness, "step")
    assert (step.ok, step.detail) == (True, f"read with cascadio {converter.version}")


def test_a_converter_that_does_not_work_leaves_the_service_ready(tmp_path: Path) -> None:
    """Meshes are priced as before."""
    readiness = idle_readiness(tmp_path)
    hasty = replace(LIMITS, wall_s=0.001)
    converter = create_converter(hasty, readiness, max_triangles=100_000, at_once=1)
    asyncio.run(try_converter(converter, readiness))
    step = check_of(readiness, "step")
    assert not step.ok
    assert step.detail.startswith("STEP files are refused: the converter does not work")
    assert readiness.is_ready()


def test_a_package_that_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is then no converter, and nothing to try."""

    def missing(*_: object, **__: object) -> StepConverter:
        raise ProgramUnavailable("cascadio is not installed")

    monkeypatch.setattr(StepConverter, "create", missing)
    readiness = idle_readiness(tmp_path)
    converter = create_converter(LIMITS, readiness, max_triangles=100_000, at_once=1)
    assert converter is None
    asyncio.run(try_converter(converter, readiness))
    step = check_of(readiness, "step")
    assert (step.ok, step.detail) == (False, "STEP files are refused: cascadio is not installed")
