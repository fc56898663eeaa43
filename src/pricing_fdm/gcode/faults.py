"""The errors of this stage: a figure is missing or contradicts another.

The caller can do nothing about either, so each sentence ends with what to do instead. What the
slicer really wrote goes to the log only, and never more than a few lines of it.
"""

from __future__ import annotations

from pricing_fdm.errors import ResultIncomplete

_ADVICE = (
    "So there is no price. Another request does not help; "
    "please report this one with its request id."
)
_MAX_LOG_CHARS = 1000


def incomplete(what_is_wrong: str, *, log_detail: str | None = None) -> ResultIncomplete:
    """Builds the error; `what_is_wrong` is a clause that begins with the slicer."""
    return ResultIncomplete(
        f"{what_is_wrong}. {_ADVICE}", log_detail=log_detail and log_detail[:_MAX_LOG_CHARS]
    )


def unreadable(error: OSError) -> ResultIncomplete:
    """The slicer left no file, or one that must not or cannot be read."""
    return incomplete("The slicer left no readable G-code", log_detail=str(error))


def missing(figure: str, *, log_detail: str | None = None) -> ResultIncomplete:
    """The slicer's result lacks `figure`."""
    return incomplete(f"The slicer's result does not state the {figure}", log_detail=log_detail)
