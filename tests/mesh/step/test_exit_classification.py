"""Each end of a conversion has one meaning, and a sentence that helps."""

from __future__ import annotations

import errno

import pytest

from pricing_fdm.errors import InternalError, ModelInvalid
from pricing_fdm.mesh.step.end import End
from pricing_fdm.mesh.step.exit_classification import LeftOut, left_out
from pricing_fdm.sandbox.process import Limit, Outcome


def ended(
    exit_code: int | None = None,
    *,
    signal: int | None = None,
    limit: Limit | None = None,
    stdout: str = "",
) -> Outcome:
    return Outcome(exit_code, signal, limit, stdout, "words of OCCT", 1.5, 1.5, 1024)


def test_a_finished_conversion_tells_its_losses() -> None:
    """The caller hears of them in a warning."""
    assert left_out(ended(0, stdout="3 of 640, 2, 1 of 9\n")) == LeftOut(3, 640, 2, 1, 9)


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (ended(End.UNREADABLE), "No solid can be read"),
        (ended(End.TOO_MANY_TRIANGLES), "more triangles"),
        (ended(End.FACES_LOST), "faces of the STEP file cannot be converted"),
        (ended(End.SOLIDS_LOST), "holds a solid that cannot be converted"),
        (ended(End.ONLY_SURFACES), "surfaces only and no solid"),
        (ended(End.SEVERAL_FILES), "a second file behind the first"),
        (ended(End.OUT_OF_MEMORY), "more memory"),
        (ended(signal=6, limit=Limit.MEMORY), "more memory"),
        (ended(signal=9, limit=Limit.WALL), "took longer"),
        (ended(signal=24, limit=Limit.CPU), "took longer"),
        (ended(signal=25, limit=Limit.FILE_SIZE), "more triangles"),
        (ended(signal=11), "crashed"),
        (ended(0, stdout=""), "crashed"),
        (ended(0, stdout="all of it\n1 of 2, 0, 0 of 1\n"), "crashed"),
        (ended(0, stdout="1 of 9999999999, 0, 0 of 1\n"), "crashed"),
    ],
)
def test_what_the_file_causes_is_told_as_its_fault(outcome: Outcome, said: str) -> None:
    """A 5xx would make clients try the same file again and again."""
    with pytest.raises(ModelInvalid, match=said) as refusal:
        left_out(outcome)
    assert "STL" in refusal.value.detail
    assert "words of OCCT" not in refusal.value.detail
    assert "words of OCCT" in (refusal.value.log_detail or "")


@pytest.mark.parametrize("code", [1, 2, 125, 126, 127])
def test_a_child_that_does_not_start_is_our_fault(code: int) -> None:
    """Python cannot import, the sandbox cannot be set up, the interpreter is gone."""
    with pytest.raises(InternalError) as failure:
        left_out(ended(code))
    assert "words of OCCT" in (failure.value.log_detail or "")


def test_a_full_disk_is_passed_on_as_what_it_is() -> None:
    """The pipeline has one answer for it, wherever it is met."""
    with pytest.raises(OSError, match="No space") as failure:
        left_out(ended(End.NO_ROOM))
    assert failure.value.errno == errno.ENOSPC
