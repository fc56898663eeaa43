"""Classifies how a conversion ended, and gives the sentence that a caller reads.

Whether OCCT can convert a file depends on the file, so a crash, a loop and a lack of memory are
reported as faults of the file, with a way out: every CAD program exports STL too. Only failures
before the file is read are ours.
"""

from __future__ import annotations

import errno
import os
import re
from dataclasses import dataclass

from pricing_fdm.errors import InternalError, ModelInvalid
from pricing_fdm.mesh.step.end import End
from pricing_fdm.sandbox.process import Limit, Outcome

_LESS = "Leave out details, send the parts of an assembly one by one, or export it as STL."
_TOO_LONG = f"Converting the STEP file took longer than the service allows. {_LESS}"
_TOO_MUCH_MEMORY = f"Converting the STEP file needs more memory than the service allows. {_LESS}"
_TOO_MANY_TRIANGLES = (
    "The STEP file becomes a mesh of more triangles than the service handles. Leave out details "
    "such as threads and text, or export the part as a coarser STL."
)
_REFUSALS = {
    End.UNREADABLE: "No solid can be read from the STEP file: it is damaged, incomplete, or holds "
    "only curves or references to other files. Export the part again, or as STL.",
    End.TOO_MANY_TRIANGLES: _TOO_MANY_TRIANGLES,
    End.FACES_LOST: "Some faces of the STEP file cannot be converted, and without them the part "
    "would be priced wrongly. Repair and export it again, or export it as STL.",
    End.SOLIDS_LOST: "The STEP file holds a solid that cannot be converted: it is damaged, or is "
    "described by steps of its making instead of its faces. Export the parts again, or as STL.",
    End.ONLY_SURFACES: "The STEP file holds surfaces only and no solid, so nothing says what is "
    "inside. Close or thicken them to a solid in the CAD program, and export it again or as STL.",
    End.SEVERAL_FILES: "The STEP file holds a second file behind the first, and only one of them "
    "would be read. Send each as a file of its own, or export all parts together as STEP or STL.",
    End.OUT_OF_MEMORY: _TOO_MUCH_MEMORY,
}
_BY_LIMIT = {
    Limit.WALL: _TOO_LONG,
    Limit.CPU: _TOO_LONG,
    Limit.FILE_SIZE: _TOO_MANY_TRIANGLES,
    Limit.MEMORY: _TOO_MUCH_MEMORY,
}
CRASHED = "The STEP reader crashed at this file. Export the part again, or as STL."
FAILED = "The service cannot convert STEP files at the moment. Try again later, or send an STL."

_LOG_CHARACTERS = 2000
_LOST = re.compile(r"(\d{1,9}) of (\d{1,9}), (\d{1,9}), (\d{1,9}) of (\d{1,9})\n")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What the file states and the mesh does not have.

    Attributes:
        faces: Of solids, that could not be converted.
        stated: How many faces the solids have.
        surfaces: Bodies without a volume.
        empty: Parts without any body, ...
        parts: of so many.
    """

    faces: int
    stated: int
    surfaces: int
    empty: int
    parts: int


def left_out(outcome: Outcome) -> LeftOut:
    """What is not in the mesh of a good run; raises for every other.

    Raises:
        ModelInvalid: There is no mesh, because of the file.
        InternalError: There is no mesh, because of the service.
        OSError: There is no mesh, because the disk is full.
    """
    log = _last_words(outcome)
    if outcome.limit is not None:
        raise ModelInvalid(_BY_LIMIT[outcome.limit], log_detail=f"{outcome.limit} limit, {log}")
    if outcome.ended_by_signal is not None:
        raise ModelInvalid(CRASHED, log_detail=log)
    if outcome.exit_code == End.NO_ROOM:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if outcome.exit_code in _REFUSALS:
        raise ModelInvalid(_REFUSALS[End(outcome.exit_code)], log_detail=log)
    if outcome.exit_code != End.DONE:
        raise InternalError(FAILED, log_detail=log)
    said = _LOST.fullmatch(outcome.stdout)
    if said is None:  # our script did not end by itself
        raise ModelInvalid(CRASHED, log_detail=log)
    return LeftOut(*map(int, said.groups()))


def _last_words(outcome: Outcome) -> str:
    ended = (
        f"signal {outcome.ended_by_signal}"
        if outcome.ended_by_signal is not None
        else f"exit code {outcome.exit_code}"
    )
    said = outcome.stderr.strip()[-_LOG_CHARACTERS:]
    return f"STEP converter: {ended} after {outcome.wall_s:.1f} s; stderr: {said}"
