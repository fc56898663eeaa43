"""How the child that converts a STEP file ends: its exit code. Python itself uses 1 and 2."""

from __future__ import annotations

from enum import IntEnum


class End(IntEnum):
    """How a conversion ended."""

    DONE = 0
    UNREADABLE = 10
    TOO_MANY_TRIANGLES = 11
    FACES_LOST = 12
    OUT_OF_MEMORY = 13
    NO_ROOM = 14
    SOLIDS_LOST = 15
    ONLY_SURFACES = 16
    SEVERAL_FILES = 17
