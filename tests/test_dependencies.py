"""What we stand on is pinned, hashed, and past its known holes."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# First releases without the advisories of ADR 7 and 8.
FLOORS = {
    "starlette": (0, 49, 1),  # CVE-2024-47874, CVE-2025-54121, CVE-2025-62727
    "h11": (0, 16, 0),  # CVE-2025-43859
    "httpcore": (1, 0, 9),  # requires that h11
    "redis": (4, 5, 5),  # CVE-2023-28858, CVE-2023-28859
}


@pytest.mark.parametrize("name", FLOORS)
def test_no_library_is_below_its_first_safe_release_g7(name: str) -> None:
    """G7: installed and locked alike."""
    installed = tuple(int(part) for part in version(name).split(".")[:3])
    locked = re.search(
        rf"^{name}==([\d.]+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE
    )
    assert locked is not None
    assert installed >= FLOORS[name]
    assert tuple(int(part) for part in locked.group(1).split(".")) >= FLOORS[name]


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_locked_version_has_its_hashes_g5(lock: str) -> None:
    """G5: what is installed is what was looked at; no host of a registry is named."""
    text = (ROOT / lock).read_text()
    requirements = re.split(r"^(?=[a-z])", text, flags=re.MULTILINE)[1:]
    assert requirements
    for requirement in requirements:
        assert re.match(r"^[\w.\-]+(\[[\w,]+\])?==[\w.]+", requirement), requirement[:80]
        assert "--hash=sha256:" in requirement, requirement[:80]
    assert "://" not in text


def test_both_locks_agree() -> None:
    """What is tested is what runs."""
    pins = [
        set(re.findall(r"^([\w.\-]+==\S+)", (ROOT / lock).read_text(), re.MULTILINE))
        for lock in ("requirements.lock", "requirements-dev.lock")
    ]
    assert pins[0] <= pins[1]
