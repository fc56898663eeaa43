"""Shared by the tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.slicers.profile_folder import ProfileFolder


@pytest.fixture
def folder(tmp_path: Path) -> ProfileFolder:
    """A copy of the bundled profiles."""
    return ProfileFolder(tmp_path / "profiles")
