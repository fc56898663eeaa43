"""The readiness of a service that has room and is not leaving."""

from __future__ import annotations

from pathlib import Path

from pricing_fdm.health.readiness import Check, Readiness
from pricing_fdm.quoting.admission import Admission
from pricing_fdm.quoting.workspace import Workspaces


def idle_readiness(folder: Path, admission: Admission | None = None) -> Readiness:
    """No check has been made yet."""
    admission = admission or Admission(slots=1, places=1, wait_s=1)
    return Readiness(Workspaces(folder, least_free_bytes=0), admission)


def check_of(readiness: Readiness, name: str) -> Check:
    """The check of this name."""
    [check] = [check for check in readiness.checks() if check.name == name]
    return check
