"""Numbers of a 3MF: what the specification takes for one, and nothing that only Python would."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pricing_fdm.errors import ModelInvalid
from pricing_fdm.mesh.readers.threemf.numbers import columns, index, matrix
from tests.mesh.threemf_reading import read, refusal
from tests.mesh.threemf_writer import edited

NO_NUMBER = "no number"
NO_INDEX = "no whole number"
LACKING = "without its three numbers"

COORDINATES = {
    "nan": ('x="nan"', NO_NUMBER),
    "infinite": ('x="-inf"', NO_NUMBER),
    "underscore": ('x="2_0"', NO_NUMBER),
    "decimal-comma": ('x="20,0"', NO_NUMBER),
    "hexadecimal": ('x="0x14"', NO_NUMBER),
    "arabic-digits": ('x="\u0662\u0660"', NO_NUMBER),
    "empty": ('x=""', NO_NUMBER),
    "blank": ('x=" "', NO_NUMBER),
    "two": ('x="2 0"', NO_NUMBER),
    "two-signs": ('x="--1"', NO_NUMBER),
    "exponent-only": ('x="e"', NO_NUMBER),
    "beyond-float": ('x="1e999"', "too large"),
    "another-name": ('u="20.0"', LACKING),
    "missing": ("", LACKING),
}
INDICES = {
    "too-large-for-the-mesh": ('v1="36"', "corner that does not exist"),
    "negative": ('v1="-1"', NO_INDEX),
    "with-a-point": ('v1="1.0"', NO_INDEX),
    "empty": ('v1=""', NO_INDEX),
    "of-32-bits": ('v1="2147483648"', NO_INDEX),
    "of-96-bits": (f'v1="{2**95}"', NO_INDEX),
    "of-5000-digits": (f'v1="{"9" * 5000}"', NO_INDEX),
    "missing": ("", LACKING),
}


@pytest.mark.parametrize(("text", "reason"), COORDINATES.values(), ids=COORDINATES)
def test_a_coordinate_that_is_no_number_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    """`float()` would read half of these."""
    assert reason in refusal(tmp_path, edited('x="20.0"', text))


@pytest.mark.parametrize(("text", "reason"), INDICES.values(), ids=INDICES)
def test_an_index_that_is_none_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    """A wrong corner would be a wrong part."""
    assert reason in refusal(tmp_path, edited('v1="0"', text))


@pytest.mark.parametrize("text", ["20", "+20", "2e1", "2.0E+01", "200e-1", "20.", " 20.0\t"])
def test_every_spelling_of_a_number_is_read(tmp_path: Path, text: str) -> None:
    """Signs, exponents and blanks around are allowed by the schema."""
    assert read(tmp_path, edited('x="20.0"', f'x="{text}"')).corners[0, 1, 1] == 20


def test_finite_numbers_that_float32_cannot_hold_become_infinite(tmp_path: Path) -> None:
    """The judgement counts and refuses them; reading them is no error of ours."""
    reading = read(tmp_path, edited('x="20.0"', 'x="1e39"'))
    assert np.count_nonzero(np.isinf(reading.corners)) == 1


def test_rows_in_any_order_give_their_columns() -> None:
    """Flattened, two short and long rows look like two right ones; each must have its own three."""
    right = ["x", "1", "y", "2", "z", "3"]
    mixed = ["z", "6", "c", "9", "x", "4", "y", "5"]
    assert columns([right, right], ("x", "y", "z")) == ["1", "2", "3"] * 2
    assert columns([right, mixed], ("x", "y", "z")) == ["1", "2", "3", "4", "5", "6"]
    with pytest.raises(ModelInvalid):
        columns([right[:4], [*right[4:], *right]], ("x", "y", "z"))


def test_a_transform_is_twelve_numbers() -> None:
    """Four rows of three, as row vectors are multiplied by; none at all changes nothing."""
    assert matrix(None).tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]]
    assert matrix(" 1 2 3  4 5 6 7 8 9 10 11 12 ")[3].tolist() == [10, 11, 12]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "twelve"),
        ("1 0 0 0 1 0 0 0 1 0 0", "twelve"),
        ("1 0 0 0 1 0 0 0 1 0 0 0 1", "twelve"),
        ("a 0 0 0 1 0 0 0 1 0 0 0", NO_NUMBER),
        ("nan 0 0 0 1 0 0 0 1 0 0 0", NO_NUMBER),
    ],
)
def test_a_transform_of_anything_else_is_refused(text: str, reason: str) -> None:
    """Ignoring it, as slicers do, would put the part elsewhere in another size."""
    with pytest.raises(ModelInvalid, match=reason):
        matrix(text)


def test_an_id_is_one_index() -> None:
    """The same rule as for corners."""
    assert index(" 7 ") == 7
    with pytest.raises(ModelInvalid, match=NO_INDEX):
        index("7a")
