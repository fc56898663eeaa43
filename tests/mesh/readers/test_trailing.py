"""What was ignored behind a model is told in bytes."""

from __future__ import annotations

from pricing_fdm.mesh.readers.trailing import trailing


def test_the_number_of_bytes_is_told() -> None:
    """With the code that the table of warnings has."""
    warning = trailing(1234)
    assert warning.code == "trailing_bytes"
    assert warning.message == "Bytes after the last triangle, which were ignored: 1,234."
