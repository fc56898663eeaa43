"""Reads the answer of a child, which is hostile once it has read its model.

A message is short, is JSON of exactly these shapes, and its figures are possible ones. A child that
was taken over can lie about its own model within these bounds, and that is all.
"""

from __future__ import annotations

import errno
import functools
import math
import os
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from pricing_fdm.errors import (
    InternalError,
    ModelError,
    ModelExceedsBuildVolume,
    ModelFormat,
    ModelInvalid,
)
from pricing_fdm.estimate.features import Sections
from pricing_fdm.model import MOST_CORNERS, Outline, Part, Pose

MOST_BYTES = 64 * 1024
_WELL_ABOVE_1 = 1.1
_FEWEST_CORNERS = 3
_FARTHEST_MM = 1e5
_OUTLINE_TOLERANCE, _OUTLINE_TOLERANCE_MM = 0.01, 0.01

CRASHED = (
    "The reader failed at this file. Repair the model and export it again, as STL if possible."
)
FAILED = "The service cannot read models at the moment. Try again later."
TOO_LONG = (
    "The model takes too long to read. Export it with fewer triangles, bodies or copies, or as STL."
)
TOO_MUCH_MEMORY = (
    "Reading the model takes more memory than the service allows. Export it with fewer triangles, "
    "bodies or copies, or as STL."
)

_REFUSALS: dict[str, type[ModelError]] = {
    refusal.code: refusal for refusal in (ModelFormat, ModelInvalid, ModelExceedsBuildVolume)
}


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


_Text: TypeAlias = Annotated[str, Field(max_length=4000), AfterValidator(_printable)]


class _Message(BaseModel):
    model_config = ConfigDict(
        extra="forbid", allow_inf_nan=False, str_max_length=4000, defer_build=True
    )


class _SetDown(_Message):
    """The clean STL is complete."""

    kind: Literal["set_down"]
    needs_support: bool


class _Sections(_Message):
    """The sections of the part, where they were asked for."""

    kind: Literal["sections"]
    sections: Sections


class _Part(_Message):
    """What the part is: the last message of a child that has succeeded."""

    kind: Literal["part"]
    part: Part


class _Mesh(_Message):
    """The mesh is complete."""

    kind: Literal["mesh"]


class _Refused(_Message):
    """The model cannot be priced."""

    kind: Literal["refused"]
    code: Literal["model_format", "model_invalid", "model_exceeds_build_volume"]
    detail: _Text
    log_detail: _Text
    places: tuple[tuple[float, float, float], ...] = ()


class _Failed(_Message):
    """The child came to no result."""

    kind: Literal["failed", "out_of_memory", "no_room", "unready"]
    log_detail: _Text = ""


_Good: TypeAlias = _SetDown | _Sections | _Part | _Mesh


@functools.cache  # made when it is used first: it costs the start some milliseconds
def _messages() -> TypeAdapter[_Good | _Refused | _Failed]:
    any_message = Annotated[_Good | _Refused | _Failed, Field(discriminator="kind")]
    return TypeAdapter(any_message)


class Lie(Exception):
    """No child of ours answers like this."""


def needs_support_in(message: bytes) -> bool:
    """Whether the part needs support, from the message that says that the clean STL is complete.

    The errors are those of `part_in`.
    """
    parsed = _parsed(message)
    if not isinstance(parsed, _SetDown):
        raise Lie("a part that was not set down")
    return parsed.needs_support


def sections_in(message: bytes) -> Sections:
    """The sections, from the message between the other two; the errors are those of `part_in`."""
    parsed = _parsed(message)
    if not isinstance(parsed, _Sections):
        raise Lie("no sections where they were asked for")
    return parsed.sections


def part_in(message: bytes, max_triangles: int) -> Part:
    """The part in the last message.

    Raises:
        ModelError: The model cannot be priced.
        InternalError: The child could not begin.
        OSError: The disk is full.
        Lie: It is no message of ours.
    """
    parsed = _parsed(message)
    if not isinstance(parsed, _Part) or not _is_possible(parsed.part, max_triangles):
        raise Lie("not a possible part")
    return parsed.part


def require_mesh_written(message: bytes) -> None:
    """Returns if the message says that the mesh is complete; the errors are those of `part_in`."""
    if not isinstance(_parsed(message), _Mesh):
        raise Lie("no mesh")


def _parsed(message: bytes) -> _Good:
    try:
        parsed = _messages().validate_json(message)
    except ValidationError as error:
        raise Lie(f"{error.error_count()} faults in a message of {len(message)} bytes") from error
    if isinstance(parsed, _Refused):
        if parsed.code == ModelInvalid.code:
            log = parsed.log_detail or None
            raise ModelInvalid(parsed.detail, log_detail=log, places=parsed.places)
        raise _REFUSALS[parsed.code](parsed.detail, log_detail=parsed.log_detail or None)
    if isinstance(parsed, _Failed):
        raise _failure(parsed)
    return parsed


def _failure(failed: _Failed) -> Exception:
    log = f"child {failed.kind}: {failed.log_detail}"
    match failed.kind:
        case "no_room":
            return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        case "unready":
            return InternalError(FAILED, log_detail=log)
        case "out_of_memory":
            return ModelInvalid(TOO_MUCH_MEMORY, log_detail=log)
    return ModelInvalid(CRASHED, log_detail=log)


def _is_possible(part: Part, max_triangles: int) -> bool:
    sizes = (*part.dimensions_mm, *part.pose.dimensions_mm, part.volume_mm3, part.surface_mm2)
    return (
        1 <= part.bodies <= part.triangles <= max_triangles
        and all(size > 0 for size in sizes)
        and 0 <= part.overhang_share < _WELL_ABOVE_1
        and all(math.hypot(*row) < _WELL_ABOVE_1 for row in part.pose.rotation)
        and _is_possible_outline(part.outline, part.pose)
    )


def _is_possible_outline(outline: Outline, pose: Pose) -> bool:
    """Whether it is as wide and as deep as the part; a copy takes its room on a plate by it."""
    if not _FEWEST_CORNERS <= len(outline) <= MOST_CORNERS:
        return False
    if any(abs(place) > _FARTHEST_MM for corner in outline for place in corner):
        return False
    return all(
        abs(max(places) - min(places) - size) <= _OUTLINE_TOLERANCE_MM + size * _OUTLINE_TOLERANCE
        for places, size in zip(zip(*outline, strict=True), pose.dimensions_mm, strict=False)
    )
