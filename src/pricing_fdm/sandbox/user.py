"""The user that programs run as when the service is root.

Root without any capability still owns what root owns: /proc/sys above all. So a program gets a
number that no user has, and with it the folder of its run. The service need not be root at all.
"""

from __future__ import annotations

import functools
import os
import stat
from pathlib import Path

RUN_USER = 65533
"""systemd's table of user numbers leaves 65520 to 65533 to nobody."""

# CHOWN, DAC_OVERRIDE, FOWNER, KILL, SETGID, SETUID: root of a container has them by default, ...
_NEEDED_CAPABILITIES = (0, 1, 3, 5, 6, 7)
# ... but not this one, DAC_READ_SEARCH.
_SEARCH = 2


@functools.cache
def other_user(*, searching: bool = False) -> int | None:
    """The user that programs run as; None where they run as the service's own.

    That is so if the service is not root, or is root in a container that lets it be nobody else.

    Args:
        searching: It must also be able to enter and read what root may.
    """
    if os.geteuid() != 0:
        return None
    effective = _capabilities(Path("/proc/self/status").read_text())
    needed = (*_NEEDED_CAPABILITIES, _SEARCH) if searching else _NEEDED_CAPABILITIES
    is_able = all(effective >> number & 1 for number in needed)
    return RUN_USER if is_able and _is_mapped(Path("/proc/self/uid_map").read_text()) else None


def hand_over(folder: Path, user: int) -> None:
    """Gives a run's folder, and what the service has put into it, to the user of the run.

    A file with a second name, as the model has, stays the service's own: other runs read it too.
    """
    for path in (folder, *folder.rglob("*")):
        found = path.lstat()
        if stat.S_ISREG(found.st_mode) and found.st_nlink > 1:
            path.chmod(stat.S_IMODE(found.st_mode) | 0o044)
        else:
            os.chown(path, user, user, follow_symlinks=False)


def _capabilities(status: str) -> int:
    line = next(line for line in status.splitlines() if line.startswith("CapEff:"))
    return int(line.split()[1], 16)


def _is_mapped(uid_map: str) -> bool:
    ranges = (map(int, line.split()) for line in uid_map.splitlines())
    return any(first <= RUN_USER < first + count for first, _, count in ranges)
