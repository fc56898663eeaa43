"""The supervisor's report is read as it was meant."""

from __future__ import annotations

import os

import pytest

from pricing_fdm.sandbox.init_process import Report

STARTED, COMPLAINED = b"started\n", b"started\nSegmentation fault\n"


@pytest.mark.parametrize(
    ("words", "code", "true_code"),
    [
        (STARTED, 0, 0),
        (STARTED, 3, 3),
        (STARTED, 139, 139),
        (COMPLAINED, 139, -11),
        (STARTED, 130, -2),
        (STARTED, 141, -13),
        (b"started\nsh: 1: cannot fork\n", 2, 2),
        (STARTED, -9, -9),
        (b"", -9, -9),
        (b"", 1, None),
        (b"", 0, None),
    ],
    ids=[
        "good end",
        "exit code",
        "exit code above 128",
        "signal",
        "SIGINT, of which no shell complains",
        "SIGPIPE, likewise",
        "the shell itself failed",
        "killed from outside",
        "killed before it began",
        "never began",
        "never began and claims success",
    ],
)
def test_the_end_is_read_from_code_and_words(
    words: bytes, code: int, true_code: int | None
) -> None:
    """The two alone are ambiguous."""
    with Report() as report:
        os.write(report.writing, words)
        assert report.true_code(code) == true_code
