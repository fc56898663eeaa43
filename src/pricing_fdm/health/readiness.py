"""Whether the service can price, and if not, why.

Whether the process lives is another question; `/health` answers it without these checks. A full
queue does not make the service unready: each request gets its own answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pricing_fdm.errors import WorkspaceFull
from pricing_fdm.quoting.admission import Admission
from pricing_fdm.quoting.workspace import Workspaces

SELF_TEST = "self_test"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that should be right, and what is wrong with it if it is not.

    Attributes:
        needed: Whether the service is ready only when this is right. A check that is not needed
            says what is missing while the rest works.
    """

    name: str
    ok: bool
    detail: str
    needed: bool = True


class Readiness:
    """The results of all checks.

    Args:
        workspaces: Whether they have room is looked at on each call.
        admission: Whether the service is shutting down, likewise.
    """

    def __init__(self, workspaces: Workspaces, admission: Admission) -> None:
        self._workspaces = workspaces
        self._admission = admission
        self._found: dict[str, Check] = {}
        self._watched: list[Callable[[], Check]] = []

    def watch(self, look: Callable[[], Check]) -> None:
        """Adds a check that is made on each call."""
        self._watched.append(look)

    def set(self, check: Check) -> None:
        """Remembers a check that was made; a later one of the same name replaces it."""
        self._found[check.name] = check

    def checks(self) -> tuple[Check, ...]:
        """All checks, as of now."""
        current = [_check_workspace(self._workspaces), *(look() for look in self._watched)]
        if self._admission.draining:
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
    """Whether every one of these checks that is needed is good."""
    return all(check.ok for check in checks if check.needed)


def _check_workspace(workspaces: Workspaces) -> Check:
    try:
        workspaces.require_room()
    except WorkspaceFull as error:
        return Check("temp_dir", ok=False, detail=error.log_detail or error.detail)
    return Check("temp_dir", ok=True, detail=f"{workspaces.root} is writable and has room")
