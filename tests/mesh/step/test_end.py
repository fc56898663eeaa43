"""How a conversion ended is told from how Python ends."""

from __future__ import annotations

from pricing_fdm.mesh.step.end import End


def test_no_end_but_success_has_a_code_of_pythons_or_the_shells() -> None:
    """A traceback is 1, a wrong option 2; a shell begins at 126."""
    codes = [end.value for end in End if end is not End.DONE]
    assert len(set(codes)) == len(codes)
    assert all(2 < code < 126 for code in codes)
