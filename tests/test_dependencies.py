"""What we stand on is pinned, hashed, and past its known holes."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

LOCKS = sorted(path.name for path in ROOT.glob("requirements*.lock"))
DEV = "requirements-dev.lock"

# First releases without the advisories of ADR 7 and 8.
FLOORS = {
    "starlette": (0, 49, 1),  # CVE-2024-47874, CVE-2025-54121, CVE-2025-62727
    "h11": (0, 16, 0),  # CVE-2025-43859
    "httpcore": (1, 0, 9),  # requires that h11
    "multipart": (1, 3, 1),  # CVE-2026-28356
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


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_version_has_its_hashes_g5(lock: str) -> None:
    """G5: what is installed is what was looked at; no host of a registry is named."""
    text = (ROOT / lock).read_text()
    requirements = re.split(r"^(?=[a-z])", text, flags=re.MULTILINE)[1:]
    assert requirements
    for requirement in requirements:
        assert re.match(r"^[\w.\-]+(\[[\w,]+\])?==[\w.]+", requirement), requirement[:80]
        assert "--hash=sha256:" in requirement, requirement[:80]
    assert "://" not in text


@pytest.mark.parametrize("lock", sorted(set(LOCKS) - {DEV, "requirements-audit.lock"}))
def test_the_locks_agree(lock: str) -> None:
    """What is tested is what runs, what builds it, and what installs it."""
    pins = [
        set(re.findall(r"^([\w.\-]+==\S+)", (ROOT / each).read_text(), re.MULTILINE))
        for each in (lock, DEV)
    ]
    assert pins[0] <= pins[1]


def test_nothing_is_installed_that_no_lock_names() -> None:
    """Else a command works on the day it is written, and stops when a registry has news."""
    scripts = [path for path in (ROOT / "scripts").iterdir() if path.is_file()]
    texts = [path.read_text() for path in (*scripts, ROOT / "Containerfile", ROOT / ".ci/run")]
    lines = "\n".join(texts).replace("\\\n", " ").splitlines()
    commands = [part for line in lines for part in line.split("&&") if not part.startswith("#")]
    installing = [each for each in commands if re.search(r"pip\b.* (install|sync|download) ", each)]
    assert len(installing) >= 7
    for command in installing:
        assert re.search("--require-hashes|--offline|--no-index", command), command
    assert not [each for each in commands if re.search(r"\b(uvx|npm install|npx|uv tool) ", each)]
