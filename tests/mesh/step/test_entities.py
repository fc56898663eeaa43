"""The few entities that matter are found, whatever texts and comments hold."""

from __future__ import annotations

import time

import pytest

from pricing_fdm.mesh.step.entities import read_entities

WANTED = ("SHELL", "MODEL")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"#1=SHELL('',(#2,#3));", {1: (2, 3)}),
        (b"#1 = SHELL\n('' , ( #2 ,\n#3 ) ) ;", {1: (2, 3)}),
        (b"#1=(MODEL('',#4) OTHER((#5)));", {1: (4, 5)}),
        (b"#1=POINT('',(0.,0.));#2=SHELL(#3);", {2: (3,)}),
        (b"#1=SHELL('a; #9 b',#2);", {1: (2,)}),
        (b"#1=SHELL('it''s #9',#2);", {1: (2,)}),
        (b"#1=SHELL(/* #9; */#2);", {1: (2,)}),
        (b"#1=POINT('#7=SHELL(#8);');", {}),
        (b"/* nothing */ #1=SHELL(#2); /* more */", {1: (2,)}),
        (b"#1=SHELL(#2", {1: (2,)}),
        (b"", {}),
    ],
)
def test_entities_are_found(text: bytes, found: dict[int, tuple[int, ...]]) -> None:
    """With what they refer to, in the file's order."""
    entities = read_entities(text, WANTED)
    assert {number: each.references for number, each in entities.items()} == found


def test_an_entity_says_where_its_arguments_stand() -> None:
    """So that they can be replaced."""
    text = b"#1=SHELL('',#2);"
    [entity] = read_entities(text, WANTED).values()
    assert text[entity.start : entity.end] == b"('',#2)"


@pytest.mark.parametrize(
    "piece", [b"#1=SHELL('", b"#1=SHELL(/*", b"#1=SHELL(", b"#1=", b"/*", b"'", b"#1=SHELL(/"]
)
def test_what_never_ends_takes_no_longer_than_its_length(piece: bytes) -> None:
    """Ten times the bytes, about ten times the time; and never the square of it."""

    def seconds(times: int) -> float:
        started = time.process_time()
        read_entities(piece * times, WANTED)
        return time.process_time() - started

    seconds(10)
    short = max(seconds(2_000), 0.002)
    assert seconds(20_000) < 40 * short
