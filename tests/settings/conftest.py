"""Each test of the settings begins in an environment where nothing is set."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what a test sets is there."""
    for name in list(os.environ):
        monkeypatch.delenv(name)
