"""The line of every key, whatever way TOML lets it be written."""

from __future__ import annotations

import pytest

from pricing_fdm.shop.lines import KeyPath, key_lines

TEXT = '''\
# A comment with name = "x" and [brackets]
schema = 1
name = """two
lines = 1"""
other = \'\'\'[[printers]]\'\'\'

[[printers]]  # the first
id = "a\\"]"
[printers.limits]
speed = 1.5

[[printers]]
"quoted.id" = 'b'
dotted.key = 07:32:00
sizes = [1, [2,
  3]]
colours = [
  { id = "x" },  # [
  { id = "y",
    hex = "#ffffff" },
]
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("schema",), 2),
        (("name",), 3),
        (("other",), 5),
        (("printers", 0), 7),
        (("printers", 0, "id"), 8),
        (("printers", 0, "limits"), 9),
        (("printers", 0, "limits", "speed"), 10),
        (("printers", 1), 12),
        (("printers", 1, "quoted.id"), 13),
        (("printers", 1, "dotted", "key"), 14),
        (("printers", 1, "sizes", 1), 15),
        (("printers", 1, "sizes", 1, 1), 16),
        (("printers", 1, "colours"), 17),
        (("printers", 1, "colours", 0, "id"), 18),
        (("printers", 1, "colours", 1), 19),
        (("printers", 1, "colours", 1, "hex"), 20),
    ],
    ids=str,
)
def test_each_key_has_the_line_on_which_it_begins(path: KeyPath, line: int) -> None:
    """Comments, strings and inline tables do not confuse the count."""
    assert key_lines(TEXT)[path] == line


def test_what_stands_in_strings_and_comments_is_no_key() -> None:
    """`lines` is the text of a string."""
    assert ("lines",) not in key_lines(TEXT)
    assert key_lines("") == {}
