"""Fixtures for tests that use the whole service, and which tests `make test-fast` leaves out."""

from __future__ import annotations

import logging
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

from tests.harness.origin import Origin, running_origin
from tests.harness.program import import_once
from tests.harness.service import REPRODUCIBLE, RunningService, running_service

# The same cases on every run, and no verdict by the clock of a loaded machine.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")

# A suite that was started in the background ignores Ctrl-C, and so would all that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

import_once()


# What `make test-fast` leaves out: files that start a slicer, a browser, Redis or a whole service,
# known by what they import or ask for ...
STARTS_MUCH = re.compile(
    r"tests\.harness\.(?:service|redis_server|puppet|command|object_store)|tests\.jobs\.workers"
    r"|tests\.slicers\.(?:engines|real_prusa)|playwright|schemathesis|redis_url|prusa_slice\b"
)
# ... and what takes long by itself. Tests that are marked `slow` are left out, too.
TAKES_LONG = (
    *("benchmarks", "page", "sandbox", "scripts", "mesh/step", "gcode/test_prusa_slicer.py"),
    *("mesh/test_mutation_fuzz.py", "mesh/test_doubling.py", "mesh/test_inspect.py"),
    "mesh/readers/test_reader_doubling.py",
)
_TESTS = Path(__file__).parent


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option of `make test-fast`."""
    parser.addoption("--fast", action="store_true", help="leave out what starts much or takes long")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores: now and then each waits for what it has started."""
    return len(os.sched_getaffinity(0)) + 1


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow tests come first, so that at the end no core is idle while another has a slow one."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Does not even import what would be left out."""
    if not config.getoption("--fast"):
        return None
    takes_long = str(collection_path.relative_to(_TESTS)) in TAKES_LONG
    is_test = collection_path.name.startswith("test_")
    return (takes_long or (is_test and starts_much(collection_path))) or None


def starts_much(path: Path) -> bool:
    """Whether a test file uses anything that starts more than a process of its own."""
    return STARTS_MUCH.search(path.read_text()) is not None


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


@pytest.fixture(autouse=True)
def restored_logging() -> Iterator[None]:
    """A command that a test runs in this process sets up logging for itself alone."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()
