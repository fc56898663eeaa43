"""Predictions lie where slices lie, or there are none."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from pricing_fdm.estimate.features import Sections
from pricing_fdm.estimate.inputs import FEATURES, GROUPS
from pricing_fdm.estimate.model_file import (
    Anchored,
    EstimateModel,
    Shares,
    Span,
    Widths,
    bundled_model,
)
from pricing_fdm.estimate.predict import Anchor, NeedsSlice, Prediction, Range, anchor_of, predict
from pricing_fdm.estimate.trees import Boosted
from tests.estimate.labels import HASH, part_of, rows
from tests.estimate.test_fitting import fitted
from tests.estimate.test_preset_figures import SETTINGS, bundled

SIZE = (28.0, 20.0, 9.0)


def predicted(size: tuple[float, float, float] = SIZE, infill: int = 20) -> Prediction:
    figures = bundled(replace(SETTINGS, infill_percent=infill))
    found = predict(part_of(size, figures), figures, fitted()[0], profile_hash=HASH)
    assert isinstance(found, Prediction)
    return found


def test_a_slice_lies_between_low_and_high() -> None:
    """Of labels that follow the physics, all do."""
    model, _ = fitted()
    for row in rows():
        found = predict(row.part, row.figures, model, profile_hash=HASH)
        assert isinstance(found, Prediction)
        assert found.group == "plain"
        for figure, sliced in (
            (found.print_time_s, row.print_time_s),
            (found.filament_g, row.filament_g),
        ):
            assert figure.low <= figure.likely <= figure.high
            assert figure.likely == pytest.approx(sliced, rel=0.02)


def test_more_infill_never_costs_less() -> None:
    """The trees do not look at the infill; the physics' coefficients are not negative."""
    found = [predicted(infill=infill) for infill in range(10, 101, 5)]
    times = [each.print_time_s.likely for each in found]
    grams = [each.filament_g.likely for each in found]
    assert times == sorted(times)
    assert grams == sorted(grams)
    assert grams[-1] > 2 * grams[0]


def test_other_presets_need_a_slice() -> None:
    """A model knows the presets that it was fitted for, and says so of others."""
    figures = bundled()
    found = predict(part_of(SIZE, figures), figures, fitted()[0], profile_hash="f" * 16)
    assert found == NeedsSlice("The estimate was not fitted for this printer with these presets.")


def reason_of(part: Sections, model: EstimateModel) -> str:
    found = predict(part, bundled(), model, profile_hash=HASH)
    assert isinstance(found, NeedsSlice)
    return found.reason


def test_a_part_unlike_all_that_were_seen_needs_a_slice() -> None:
    """Outside of what it knows the estimate says why it gives no figure, in a customer's words."""
    part, (model, _) = part_of(SIZE, bundled()), fitted()
    assert "higher" in reason_of(replace(part, height_mm=5000.0), model)
    assert "less time" in reason_of(part_of((0.5, 0.5, 0.5), bundled()), model)
    assert "other bodies" in reason_of(replace(part, overlap_share=0.6), model)


def test_no_reason_names_a_feature_of_the_model() -> None:
    """Nobody but us knows what a `filament_skin_ends` is."""
    part, (model, _) = part_of(SIZE, bundled()), fitted()
    for name in FEATURES:
        ranges = {**model.ranges, name: Span(low=100, high=100)}
        reason = reason_of(part, model.model_copy(update={"ranges": ranges}))
        assert reason.startswith("The part "), name
        assert name.replace("_", " ") not in reason, name


@pytest.mark.parametrize("start", [1000.0, -1000.0, 1e308, 20.0, -20.0])
@pytest.mark.parametrize("figure", ["time", "filament"])
def test_a_file_that_leads_to_absurd_figures_gives_none(figure: str, start: float) -> None:
    """Each number in it is one; what they come to is a price of nothing, or of billions."""
    model, _ = fitted()
    damaged = getattr(model, figure).model_copy(update={"residual": Boosted(start=start, trees=())})
    part = part_of(SIZE, bundled())
    assert "no possible figures" in reason_of(part, model.model_copy(update={figure: damaged}))


@pytest.mark.parametrize("figure", ["time", "filament"])
def test_no_figure_is_nothing(figure: str) -> None:
    """All coefficients may be 0 in a file."""
    model, _ = fitted()
    fit = getattr(model, figure)
    none = fit.model_copy(update={"coefficients": dict.fromkeys(fit.coefficients, 0.0)})
    part = part_of(SIZE, bundled())
    assert "too little" in reason_of(part, model.model_copy(update={figure: none}))


def anchored(share: float, width: float) -> EstimateModel:
    """The model, with such an effect of an anchor on the time."""
    model, _ = fitted()
    widths = dict.fromkeys(GROUPS, Widths(low=width, high=width))
    time = model.time.model_copy(update={"anchored": Anchored(share=share, widths=widths)})
    return model.model_copy(update={"time": time})


def time_of(model: EstimateModel, infill: int, anchor: Anchor | None = None) -> Range:
    figures = bundled(replace(SETTINGS, infill_percent=infill))
    found = predict(part_of(SIZE, figures), figures, model, profile_hash=HASH, anchor=anchor)
    assert isinstance(found, Prediction)
    return found.print_time_s


def test_a_sliced_print_moves_the_others_by_the_share_that_they_have_in_common() -> None:
    """It took a fifth longer; a part of that is its own. The very same print takes what it took."""
    model, anchor = anchored(0.5, 0.03), Anchor(1.2, 1.0)
    plain, moved = time_of(model, 40), time_of(model, 40, anchor)
    assert moved.likely == pytest.approx(plain.likely * 1.2**0.5)
    assert moved.high / moved.likely == pytest.approx(math.exp(0.03))
    same = time_of(model, 40, replace(anchor, same_print=True))
    assert same.likely == pytest.approx(plain.likely * 1.2)


def test_an_anchor_compares_a_slice_with_what_was_likely() -> None:
    """As ratios."""
    first = predicted()
    found = anchor_of(first, first.print_time_s.likely * 1.1, first.filament_g.likely * 0.95)
    assert found.time_ratio == pytest.approx(1.1)
    assert found.filament_ratio == pytest.approx(0.95)


def test_support_is_a_share_of_the_filament() -> None:
    """Its range lies between nothing and all; where nothing hangs there is none."""
    assert predicted().support_g == Range(0.0, 0.0, 0.0)
    model, _ = fitted()
    figures = bundled()
    plain = part_of(SIZE, figures)
    coefficients = {**model.filament.coefficients, "support": 1.0}
    filament = model.filament.model_copy(update={"coefficients": coefficients})
    for supported_mm2 in (0.5, 20.0, 2000.0):
        slabs = tuple(replace(slab, support_mm2=supported_mm2) for slab in plain.slabs)
        wide = dict.fromkeys(FEATURES, Span(low=-1e9, high=1e9))
        update = {"filament": filament, "support": Shares(low=0.2, high=0.3), "ranges": wide}
        found = predict(
            replace(plain, slabs=slabs),
            figures,
            model.model_copy(update=update),
            profile_hash=HASH,
        )
        assert isinstance(found, Prediction)
        support, all_g = found.support_g, found.filament_g
        assert 0 <= support.low < support.likely < support.high <= all_g.high
        assert support.high - support.low <= 0.5 * all_g.likely + 1e-9


@pytest.mark.parametrize("engine", ["orca", "prusa"])
@pytest.mark.parametrize("size", [(10, 10, 10), (20, 20, 20), (80, 80, 80), (40, 20, 4)])
def test_the_bundled_models_know_a_plain_block(engine: str, size: tuple[int, int, int]) -> None:
    """It is the first part that anybody tries."""
    model, figures = bundled_model(engine), bundled()
    assert model is not None
    found = predict(part_of(size, figures), figures, model, profile_hash=model.profile_hashes[0])
    assert isinstance(found, Prediction)
