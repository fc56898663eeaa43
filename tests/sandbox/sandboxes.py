"""The cages that this machine can do, for tests that hold them all to the same demands."""

from __future__ import annotations

import asyncio
import functools

import pytest

from pricing_fdm.sandbox.probe import _leak
from tests.sandbox import spying


@functools.cache
def obstacle(name: str) -> str | None:
    """Why this kernel or container cannot do a cage; the probe tells."""
    return asyncio.run(_leak(spying.cages()[name]))


CAGES = [
    pytest.param(cage, id=name) for name, cage in spying.cages().items() if obstacle(name) is None
]
