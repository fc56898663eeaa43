"""The report tells whether more ever costs less, and which families are beyond the aim."""

from __future__ import annotations

from dataclasses import replace

from pricing_fdm.training.checks import beyond_the_aim, monotone
from pricing_fdm.training.errors_table import judge
from tests.training.test_report import LOADED, fitted_labels


def test_more_infill_and_more_copies_never_cost_less() -> None:
    """A model in which infill took less than no time would be found."""
    fitted = fitted_labels()
    assert monotone(fitted, LOADED.shop).startswith("Of 48 prints 0 would take less time")
    assert "and 0 would cost less with more copies" in monotone(fitted, LOADED.shop)
    time = fitted.model.time
    wrong = {**time.coefficients, "sparse": -0.5}
    model = fitted.model.model_copy(
        update={"time": time.model_copy(update={"coefficients": wrong})}
    )
    assert "prints 0 would take less" not in monotone(replace(fitted, model=model), LOADED.shop)


def test_a_family_beyond_the_aim_is_named() -> None:
    """Hours may be a tenth off in the median."""
    fitted = fitted_labels(slower=1.5)
    told = beyond_the_aim(judge(fitted.labels, fitted.held, LOADED.shop))
    assert "hours of family 2 (" in told
    assert "grams" not in told
    usual = fitted_labels()
    judged = judge(usual.labels, usual.held, LOADED.shop)
    assert beyond_the_aim(judged) == "No family is beyond the aim."
