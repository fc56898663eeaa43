"""What the caller and the log read of a figure that cannot be used."""

from __future__ import annotations

from pricing_fdm.gcode.faults import incomplete, missing


def test_the_caller_reads_what_is_wrong_and_what_to_do() -> None:
    """Trying again does not help; a report with the request id does."""
    error = missing("filament length")
    assert error.detail.startswith("The slicer's result does not state the filament length. ")
    assert "request id" in error.detail
    assert error.log_detail is None


def test_what_the_slicer_wrote_goes_to_the_log_and_is_bounded() -> None:
    """A line of a damaged file may be a gigabyte."""
    error = incomplete("The slicer lies", log_detail="x" * 5000)
    assert error.log_detail == "x" * 1000
    assert "x" * 10 not in error.detail
