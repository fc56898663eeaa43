"""The environments of the programs that slicing needs, built from nothing.

Our own would give them every secret of the service, and let a host's locale or display change
figures. PrusaSlicer exits when LANG names a locale that is not installed, and both slicers write
numbers with the locale's decimal mark; C.UTF-8 is always there.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

SYSTEM_ENVIRONMENT: Mapping[str, str] = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
}
"""For any program of the system."""

# glibc reserves 64 MiB of address space for each arena, and makes eight for each core. PrusaSlicer
# on 64 cores would reserve more than SLICE_MEMORY_MB allows and end with "pthread_create has
# failed". With eight arenas in all it takes 0.9 GiB there, and no more time.
_ARENAS = "8"


def slicer_environment(binary: Path, folder: Path, display: str | None = None) -> dict[str, str]:
    """The complete environment for `binary` working in `folder`.

    Args:
        binary: The program. The libraries that OrcaSlicer's AppImage brings lie beside it.
        folder: The run's own folder, used as home and for temporary files; may be relative.
        display: X display such as `:99`; by default there is none.
    """
    environment = {
        **SYSTEM_ENVIRONMENT,
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "MALLOC_ARENA_MAX": _ARENAS,
        "LD_LIBRARY_PATH": str(binary.resolve().parent),
    }
    if display is not None:
        environment["DISPLAY"] = display
    return environment
