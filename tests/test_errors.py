"""The tree of errors is complete, and each error keeps its two texts apart."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from pricing_fdm import errors
from pricing_fdm.errors import CapacityError, FieldFault, InvalidRequest, PricingError, SourceError


def descendants(kind: type[PricingError]) -> Iterator[type[PricingError]]:
    """All classes below one, of this module only."""
    for each in kind.__subclasses__():
        if each.__module__ == errors.__name__:
            yield each
            yield from descendants(each)


LEAVES = [each for each in descendants(PricingError) if not each.__subclasses__()]


def test_the_docstring_draws_exactly_the_classes_that_exist() -> None:
    """Readers use the drawing as the list of all errors."""
    lines = (errors.__doc__ or "").splitlines()
    drawing = "\n".join(line for line in lines if line.startswith("    "))
    names = {each.__name__ for each in descendants(PricingError)}
    assert set(re.findall(r"\b[A-Z]\w+", drawing)) == {"PricingError"} | names


@pytest.mark.parametrize("leaf", LEAVES)
def test_each_error_has_a_code_a_title_and_an_explanation(leaf: type[PricingError]) -> None:
    """Clients branch on the code, people read the title."""
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", leaf.code)
    assert leaf.title
    assert not leaf.title.endswith(".")
    assert leaf.__doc__
    assert "code" in vars(leaf)


def test_no_two_errors_share_a_code() -> None:
    """A client could not tell them apart."""
    codes = [leaf.code for leaf in LEAVES]
    assert len(set(codes)) == len(codes) > 20


def test_what_the_operator_reads_is_not_in_the_text_for_the_caller() -> None:
    """Addresses and the slicer's words are internal."""
    error = SourceError("The host is not allowed.", outcome="address", log_detail="10.0.0.7")
    assert (str(error), error.detail) == ("The host is not allowed.",) * 2
    assert (error.log_detail, error.outcome) == ("10.0.0.7", "address")


def test_an_invalid_request_names_each_wrong_field() -> None:
    """A form marks them."""
    faults = (FieldFault("infill", "must be at least 10"),)
    assert InvalidRequest("One field is wrong.", faults).faults == faults


def test_every_lack_of_capacity_says_when_to_try_again() -> None:
    """It is the service's fault and passes."""
    kinds = list(descendants(CapacityError))
    assert all(kind.retryable for kind in kinds)
    assert {kind("Busy.").retry_after_s for kind in kinds} == {1}  # type: ignore[attr-defined]
    assert errors.QueueFull("Busy.", retry_after_s=30).retry_after_s == 30
