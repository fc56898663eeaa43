"""What a child does: reads one model, writes the clean STL, and says what the part is.

It runs confined and knows three descriptors: the model, the file for the clean STL, and the socket
for its answer. The answer is one to three messages in JSON; `answer` reads them at the other end.
Another kind of child writes a clean STL as the mesh of a 3MF.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import traceback
from collections.abc import Iterator
from dataclasses import asdict

from pricing_fdm.errors import ModelError, ModelInvalid
from pricing_fdm.mesh.child.task import Task
from pricing_fdm.mesh.inspect import describe, judge_model, set_down
from pricing_fdm.mesh.plate_mesh_writer import write_mesh
from pricing_fdm.mesh.sectioning.measure import measure

_LOG_CHARACTERS = 2000


def do(task: Task, model: int, stl: int, answer: int) -> None:
    """Does the task, and answers in every case."""
    with _answering(answer):
        judged = judge_model(model, task.volume, max_triangles=task.max_triangles, unit=task.unit)
        with os.fdopen(stl, "wb") as file:
            part = set_down(
                judged,
                None if task.sections else file,
                task.volume,
                orientation=task.orientation,
                layer_height_mm=task.layer_height_mm,
            )
        say(answer, kind="set_down", needs_support=part.needs_support)
        if task.sections is not None:
            sections = measure(
                part.placement.mesh,
                task.sections,
                bodies=part.judged.bodies,
                needs_support=part.needs_support,
            )
            say(answer, kind="sections", sections=asdict(sections))
        say(answer, kind="part", part=asdict(describe(part, line_width_mm=task.line_width_mm)))


def do_mesh(stl: int, mesh: int, answer: int) -> None:
    """Writes the mesh of a clean STL, and answers in every case."""
    with _answering(answer):
        with os.fdopen(stl, "rb") as source, os.fdopen(mesh, "wb") as file:
            write_mesh(source, file)
        say(answer, kind="mesh")


@contextlib.contextmanager
def _answering(answer: int) -> Iterator[None]:
    """Says how the work failed, where it does."""
    try:
        yield
    except ModelError as error:
        log = error.log_detail or ""
        say(
            answer,
            kind="refused",
            code=error.code,
            detail=error.detail,
            log_detail=log,
            places=error.places if isinstance(error, ModelInvalid) else (),
        )
    except MemoryError:
        say(answer, kind="out_of_memory")
    except Exception as error:  # noqa: BLE001 - whatever it is, a stranger's bytes caused it
        full = isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}
        say(answer, kind="no_room" if full else "failed", log_detail=_last_lines(error))


def say(answer: int, **message: object) -> None:
    """Sends one message of the answer."""
    os.write(answer, json.dumps(message).encode())


def _last_lines(error: Exception) -> str:
    return "".join(traceback.format_exception(error, limit=-3))[-_LOG_CHARACTERS:]
