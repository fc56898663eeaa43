"""Whether the service can price, and if not, why.

Liveness is another question (the process answers) and asks nothing here. A full queue does not make
the service unready; each request hears of that itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pricing_fdm.errors import WorkspaceFull
from pricing_fdm.quoting.workspace import Workspaces

SELF_TEST = "self_test"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that should be right, and what is wrong with it if it is not.

    Attributes:
        needed: Whether the service is ready only when this is right. One that is not needed tells
            what is missing while the rest works.
    """

    name: str
    ok: bool
    detail: str
    needed: bool = True


class Readiness:
    """What was found at start, and what is looked at anew each time.

    Args:
        workspaces: Looked at on each call.
        is_draining: Asked on each call.
    """

    def __init__(self, workspaces: Workspaces, is_draining: Callable[[], bool]) -> None:
        self._workspaces = workspaces
        self._is_draining = is_draining
        self._found: dict[str, Check] = {}
        self._watched: list[Callable[[], Check]] = []

    def watch(self, look: Callable[[], Check]) -> None:
        """Adds something that is looked at on each call."""
        self._watched.append(look)

    def set(self, check: Check) -> None:
        """Remembers a finding; a later one of the same name replaces it."""
        self._found[check.name] = check

    def checks(self) -> tuple[Check, ...]:
        """All findings, as of now."""
        current = [check_workspace(self._workspaces), *(look() for look in self._watched)]
        if self._is_draining():
            current.append(Check("draining", ok=False, detail="the service is shutting down"))
        return (*self._found.values(), *current)

    def is_proved(self) -> bool:
        """Whether the last self-test was good."""
        test = self._found.get(SELF_TEST)
        return test is not None and test.ok

    def is_ready(self) -> bool:
        """Whether every check that is needed is good."""
        return is_ready(self.checks())


def is_ready(checks: Iterable[Check]) -> bool:
    """Whether every check that is needed is good, for who has looked already."""
    return all(check.ok for check in checks if check.needed)


def check_workspace(workspaces: Workspaces) -> Check:
    """Whether a quote finds room to work."""
    try:
        workspaces.require_room()
    except WorkspaceFull as error:
        return Check("temp_dir", ok=False, detail=error.log_detail or error.detail)
    return Check("temp_dir", ok=True, detail=f"{workspaces.root} is writable and has room")
