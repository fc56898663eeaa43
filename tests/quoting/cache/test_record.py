"""What is remembered must be what was found out, to the last digit, or nothing."""

from __future__ import annotations

import dataclasses

import pytest

from pricing_fdm.quoting.cache.record import Corrupt, to_result, to_text
from tests.quoting.cache.slice_results import slice_result


def test_a_slice_result_comes_back_as_it_was() -> None:
    """Every figure becomes money."""
    assert to_result(to_text(slice_result())) == slice_result()


def test_a_figure_that_the_slicer_does_not_tell_comes_back_as_none() -> None:
    """Never as nought."""
    whole = slice_result()
    metrics = dataclasses.replace(whole.metrics, support_g=None)
    silent = dataclasses.replace(whole, metrics=metrics)
    assert to_result(to_text(silent)) == silent


def test_any_change_of_a_single_character_is_noticed() -> None:
    """A digit that flips is still a number, and would be somebody's price."""
    text = to_text(slice_result())
    for place, character in enumerate(text):
        changed = text[:place] + chr(ord(character) ^ 1) + text[place + 1 :]
        with pytest.raises(Corrupt):
            to_result(changed)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        to_text(slice_result())[:-1],
        to_text(slice_result()) + " ",
        "\ud800",
        "0" * 32 + "{}",
    ],
    ids=["empty", "short", "cut", "longer", "no utf-8", "foreign"],
)
def test_other_texts_are_corrupt_and_nothing_else(text: str) -> None:
    """They come from a store that others write to."""
    with pytest.raises(Corrupt):
        to_result(text)


def test_a_right_digest_over_a_wrong_shape_is_corrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    """As another version may have written it."""
    monkeypatch.setattr("pricing_fdm.quoting.cache.record._digest", lambda _: "0" * 32)
    with pytest.raises(Corrupt):
        to_result("0" * 32 + '{"part": null}')
