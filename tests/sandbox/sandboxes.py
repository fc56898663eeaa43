"""The sandboxes that this machine can do, for tests that hold them all to the same demands."""

from __future__ import annotations

import asyncio
import functools
from dataclasses import replace
from pathlib import Path

import pytest

from pricing_fdm.sandbox.probe import _leak
from pricing_fdm.sandbox.process import Limits, Outcome, run
from pricing_fdm.sandbox.sandbox import Sandbox
from tests.sandbox import spying
from tests.sandbox.spying import LIMITS, PYTHON


@functools.cache
def obstacle(name: str) -> str | None:
    """Why this kernel or container cannot do a sandbox; the probe tells."""
    return asyncio.run(_leak(spying.sandboxes()[name]))


SANDBOXES = [
    pytest.param(sandbox, id=name)
    for name, sandbox in spying.sandboxes().items()
    if obstacle(name) is None
]


def sandboxed(sandbox: Sandbox, text: str, folder: Path, limits: Limits = LIMITS) -> Outcome:
    """Runs a Python text in a sandbox."""
    argv = [PYTHON, "-I", "-S", "-c", text]
    return asyncio.run(run(argv, cwd=folder, env={}, limits=replace(limits, sandbox=sandbox)))
