"""The sandboxes that this machine can do, for tests that hold them all to the same demands."""

from __future__ import annotations

import asyncio
import functools

import pytest

from pricing_fdm.sandbox.probe import _leak
from tests.sandbox import spying


@functools.cache
def obstacle(name: str) -> str | None:
    """Why this kernel or container cannot do a sandbox; the probe tells."""
    return asyncio.run(_leak(spying.sandboxes()[name]))


SANDBOXES = [
    pytest.param(sandbox, id=name)
    for name, sandbox in spying.sandboxes().items()
    if obstacle(name) is None
]
