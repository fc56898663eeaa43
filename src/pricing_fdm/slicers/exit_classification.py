"""What the end of any slicer's run means: limits and signals."""

from __future__ import annotations

import itertools
import signal
from collections.abc import Iterable

from pricing_fdm.errors import ModelUnsliceable, SlicerCrashed, SlicingTimeout
from pricing_fdm.model import QuoteWarning
from pricing_fdm.sandbox.process import Limit, Outcome

_LOG_CHARACTERS = 2000
_MAX_WARNINGS, _WARNING_CHARACTERS = 10, 500


def log_summary(outcome: Outcome) -> str:
    """How the run ended and what the slicer printed last, for the log."""
    printed = f"stderr: {outcome.stderr.strip()} stdout: {outcome.stdout.strip()}"
    ended = (
        f"signal {signal.Signals(outcome.ended_by_signal).name}"
        if outcome.ended_by_signal is not None
        else f"exit code {outcome.exit_code}"
    )
    return f"{ended} after {outcome.wall_s:.1f} s; {printed[-_LOG_CHARACTERS:]}"


def slicer_warnings(texts: Iterable[str]) -> tuple[QuoteWarning, ...]:
    """The slicer's own remarks for the caller: a few, cut to a sane length, and printable.

    A slicer that was taken over may write megabytes, or half a character that has no encoding.
    """
    shown = itertools.islice(filter(None, map(_printable, texts)), _MAX_WARNINGS)
    return tuple(QuoteWarning("slicer_warning", text) for text in shown)


def _printable(text: str) -> str:
    cut = f"{text[:_WARNING_CHARACTERS]}..." if len(text) > _WARNING_CHARACTERS else text
    return "".join(char if char.isprintable() else " " for char in cut).strip()


def raise_for_limits(outcome: Outcome) -> None:
    """Raises when one of our limits or a signal ended the run; returns when it exited by itself.

    Raises:
        SlicingTimeout: Wall-clock or CPU time ran out, or the slicer stopped reporting progress.
        ModelUnsliceable: The toolpath outgrew the file size limit, or memory ran out.
        SlicerCrashed: A signal that is not ours.
    """
    log = log_summary(outcome)
    if outcome.limit in {Limit.WALL, Limit.CPU}:
        raise SlicingTimeout(
            "Slicing did not finish in the time allowed. Simplify the model or print it smaller.",
            log_detail=f"{outcome.limit} limit, {log}",
        )
    if outcome.limit is Limit.SILENCE:
        raise SlicingTimeout(
            "The slicer did not get any further with this model and was ended. Repair or simplify "
            "the model.",
            log_detail=f"silence limit, {log}",
        )
    if outcome.limit is Limit.FILE_SIZE:
        raise ModelUnsliceable(
            "The toolpath of this part is longer than the service handles. "
            "Use less infill or a thicker layer, or print the part smaller.",
            log_detail=f"file size limit, {log}",
        )
    if "std::bad_alloc" in outcome.stderr:  # both slicers say so, one of them with SIGABRT
        raise ModelUnsliceable(
            "Slicing this part needs more memory than the service allows. Simplify the mesh.",
            log_detail=f"memory limit, {log}",
        )
    if outcome.ended_by_signal is not None:
        raise SlicerCrashed("The slicer crashed at this model.", log_detail=log)
