"""The JSON of a job, the same in `/status`, in its events and in a callback."""

from __future__ import annotations

from typing import Any

from pricing_fdm.jobs.record import Job, JobState, Json

_UM_PER_MM = 1000
_MINUTES_PER_HOUR = 60


def status_body(job: Job, workers: int | None = None) -> dict[str, Any]:
    """The body of `JobStatus`; the quote in it is the JSON that the worker stored, unchanged.

    Args:
        job: As it stands.
        workers: How many take jobs now; None when that is not known.
    """
    body: dict[str, Any] = {"status": job.state.value}
    if job.state is JobState.QUEUED and workers is not None:
        body["workers"] = workers
    if job.state is JobState.PROCESSING:
        body["progress"] = job.progress
        if job.stage is not None:
            body["stage"] = job.stage
    if job.result is not None:
        body["data"] = {"summary": summary(job.result), "quote": job.result}
    if job.problem is not None:
        body["data"] = {"error": job.problem}
    return body


def summary(quote: Json) -> dict[str, Any]:
    """The fields of `JobSummary`, from the body of a quote."""
    settings = quote["print"]
    return {
        "total_cost": float(quote["price"]["total"]),
        "print_time": duration_text(quote["print_time_hours"]),
        "material": settings["material"].upper(),
        "complexity": settings["complexity"],
        "layer_height": settings["layer_thickness"] / _UM_PER_MM,
        "infill_percentage": settings["infill"],
    }


def duration_text(hours: float) -> str:
    """`4h 15m`; a part takes at least a minute."""
    minutes = max(1, round(hours * _MINUTES_PER_HOUR))
    return f"{minutes // _MINUTES_PER_HOUR}h {minutes % _MINUTES_PER_HOUR:02d}m"
