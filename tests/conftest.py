"""Fixtures for tests that use the service as a whole: real slicer, real origin, real process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.harness.origin import Origin, running_origin
from tests.harness.service import REPRODUCIBLE, RunningService, running_service

# The same cases on every run, and no verdict by the clock of a loaded machine.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")


@pytest.fixture(scope="session")
def origin() -> Iterator[Origin]:
    """An origin of models."""
    with running_origin() as origin:
        yield origin


@pytest.fixture(scope="session")
def service(origin: Origin) -> Iterator[RunningService]:
    """A service with default rates that may fetch from `origin`; equal parts get equal figures."""
    with running_service({**origin.environment, **REPRODUCIBLE}) as service:
        yield service
