"""A file is STEP because it says so at its beginning, whatever its name and its comments."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from pricing_fdm.mesh.step.recognise import looks_like_step
from tests.harness.models import known, paths
from tests.mesh.step.step_files import AP203, AP214, AP242, one


@pytest.mark.parametrize("schema", [AP203, AP214, AP242], ids=["AP203", "AP214", "AP242"])
def test_every_application_protocol_is_step(schema: str) -> None:
    """They differ in what stands inside."""
    assert looks_like_step(one("box", (1, 2, 3), schema=schema)[:4096])


@pytest.mark.parametrize(
    "head",
    [
        b"ISO-10303-21;",
        b"ISO-10303-21 ;\r\nHEADER;",
        b"iso-10303-21;",
        b"\xef\xbb\xbfISO-10303-21;",
        b" \r\n\tISO-10303-21;",
        b"/* made by hand */ISO-10303-21;",
        b"\xef\xbb\xbf /* one */\n/* two\nlines */ ISO-10303-21;",
    ],
)
def test_what_may_stand_before_the_mark_is_no_obstacle(head: bytes) -> None:
    """Editors and exporters add it."""
    assert looks_like_step(head)


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"ISO-10303-21",
        b"ISO-10303-28;",
        b"solid ISO-10303-21;",
        b"/* ISO-10303-21;",
        b"not ISO-10303-21;",
        b"PK\x03\x04ISO-10303-21;",
        b"ISO-10303-21;".ljust(80) + b"\0\0\0\0",
        b"<iso_10303_28>",
    ],
)
def test_anything_else_is_not_step(head: bytes) -> None:
    """A mention of the standard is not a file of it."""
    assert not looks_like_step(head)


@pytest.mark.parametrize("unit", [b"/**/", b"/* */ ", b"/*", b"*/", b" ", b"/*/*/ "], ids=repr)
def test_no_beginning_takes_long(unit: bytes) -> None:
    """A pattern that tries every grouping of comments would take for ever."""
    start = time.process_time()
    assert not looks_like_step((unit * 4096)[:4096])
    assert time.process_time() - start < 5


@pytest.mark.parametrize("path", paths(known("")))
def test_real_files_are_recognised(path: Path) -> None:
    """Whoever wrote them."""
    with path.open("rb") as file:
        assert looks_like_step(file.read(4096)) == (path.suffix in {".step", ".stp"})
