"""XML of a 3MF: nothing outside, nothing that grows, nothing without end."""

from __future__ import annotations

import re
import tracemalloc
from collections.abc import Iterator

import pytest

from pricing_fdm.errors import ModelInvalid
from pricing_fdm.mesh.readers.threemf import xml as threemf_xml
from pricing_fdm.mesh.readers.threemf.budget import Budget
from pricing_fdm.mesh.readers.threemf.xml import Attributes, Element, XmlWalk, by_name, required

MEBIBYTE = 1024 * 1024
LAUGHS = (
    '<!DOCTYPE a [<!ENTITY x0 "ha">'
    + "".join(f'<!ENTITY x{n} "{f"&x{n - 1};" * 10}">' for n in range(1, 12))
    + "]><a>&x11;</a>"
)
CHAIN_OF_ENTITIES = (
    '<!DOCTYPE a [<!ENTITY x0 "ha">'
    + "".join(f'<!ENTITY x{n} "&x{n - 1};">' for n in range(1, 50_000))
    + "]><a>&x49999;</a>"
)


def pieces(data: bytes, size: int = 65_536) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


def walk(data: bytes, size: int = 65_536) -> None:
    XmlWalk(Element(), Budget(1000)).read(pieces(data, size))


FILLER = b" " * 20 * MEBIBYTE
EXTERNAL = b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'
LATIN_1 = b'<?xml version="1.0" encoding="latin-1"?><a x="\xe4"/>'
NAMES = b"<a>" + b"".join(b"<b%d/>" % number for number in range(60_000))
PREFIXES = b"<a>" + b"".join(b'<b xmlns:c%d="u"/>' % number for number in range(60_000))

REFUSED = {
    "billion-laughs": (LAUGHS.encode(), "document type"),
    "entities-one-within-another": (CHAIN_OF_ENTITIES.encode(), "document type"),
    "external": (EXTERNAL, "document type"),
    "document-type-behind": (b"<a/><!DOCTYPE a>", "document type"),
    "utf-16": ("<a/>".encode("utf-16"), "UTF-8"),
    "utf-16-without-a-mark": ("<a/>".encode("utf-16-be"), "UTF-8"),
    "latin-1": (LATIN_1, "damaged"),
    "undefined-entity": (b"<a>&x;</a>", "damaged"),
    "not-nested": (b"<a><b></a>", "damaged"),
    "cut-off": (b"<a>", "damaged"),
    "empty": (b"", "damaged"),
    "no-xml": (b"solid", "damaged"),
    "undeclared-prefix": (b"<x:a/>", "damaged"),
    "one-too-deep": (b"<a>" * 65, "too deeply"),
    "much-too-deep": (b"<a>" * MEBIBYTE, "too deeply"),
    "attribute-without-end": (b'<a x="' + FILLER, "without end"),
    "comment-without-end": (b"<a><!--" + FILLER, "without end"),
    "elements": (b"<a>" + b"<b/>" * 130_000, "more XML elements"),
    "names": (NAMES, "more XML names"),
    "prefixes": (PREFIXES, "more XML names"),
}


@pytest.mark.parametrize(("data", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_harmless_xml_is_refused(data: bytes, reason: str) -> None:
    """A few bytes must not become gigabytes, a file elsewhere, or a deep stack."""
    tracemalloc.start()
    with pytest.raises(ModelInvalid) as caught:
        walk(data)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert reason in caught.value.detail
    assert peak_bytes < 16 * MEBIBYTE


@pytest.mark.parametrize("size", range(1, 12))
def test_a_document_type_cut_in_two_is_still_seen(size: int) -> None:
    """Pieces end where they like."""
    with pytest.raises(ModelInvalid, match="document type"):
        walk(b"<!-- --><!DOCTYPE a><a/>", size)


def test_as_deep_as_allowed_is_read() -> None:
    """The limit itself is allowed."""
    walk(b"<a>" * threemf_xml.MAX_DEPTH + b"</a>" * threemf_xml.MAX_DEPTH)


def test_only_what_has_a_place_is_reported() -> None:
    """The same name elsewhere, or in another namespace, is another thing."""
    seen: list[Attributes] = []
    text: list[str] = []
    item = Element(start=seen.append, text=text.append)
    document = Element({"urn:n list": Element({"urn:n item": item})})
    data = (
        b'<list xmlns="urn:n" xmlns:o="urn:o">x<item a="1" o:a="2">y</item>z<o:item a="3"/>'
        b'<other><item a="4">w</item></other></list>'
    )
    XmlWalk(document, Budget(4)).read([data])
    assert seen == [["a", "1", "urn:o a", "2"]]
    assert by_name(seen[0]) == {"a": "1", "urn:o a": "2"}
    assert text == ["y"]


def test_a_text_of_many_lines_comes_in_few_pieces() -> None:
    """A megabyte of line ends was a million calls."""
    text: list[str] = []
    document = Element({"a": Element(text=text.append)})
    XmlWalk(document, Budget(4)).read(pieces(b"<a>" + b"\n" * MEBIBYTE + b"</a>"))
    assert "".join(text) == "\n" * MEBIBYTE
    assert len(text) < 1000


def test_a_missing_attribute_is_a_fault_of_the_file() -> None:
    """It has no default that we could know."""
    assert required({"a": "1"}, "a") == "1"
    with pytest.raises(ModelInvalid, match="lacks an attribute"):
        required({}, "a")


@pytest.mark.parametrize("size", [*range(1, 40), 1000])
def test_runs_are_taken_past_expat_only_where_it_opened_the_element(size: int) -> None:
    """In a comment, or elsewhere in the document, the same bytes are something else."""
    taken: list[bytes] = []
    reported: list[Attributes] = []

    def run(piece: bytes) -> bool:
        taken.append(piece)
        return b"<!--" not in piece and b"y" not in piece

    listed = Element({"v": Element(start=reported.append)}, run=run)
    document = Element({"a": Element({"list": listed})})
    data = (
        b'<a><!-- <list><v x="0"/></list> --><b><list><v x="1"/></list></b>'
        b'<list ><!-- <list><v x="2"/> --><v x="3"/></list><list/>'
        b'<list><v x="4"/> <v x="5"/> </list><list>  </list>'
        b'<list><v y="6"/><v x="7"/></list>'
        b'<list><v x="8"></v><v x="9"/></list></a>'
    )
    XmlWalk(document, Budget(4), re.compile(b"<list>")).read(pieces(data, size))
    by_run = re.findall(rb'x="(\d)"', b"".join(piece for piece in taken if b"y" not in piece))
    by_expat = [row[1] for row in reported]
    assert by_expat[0] == "3"
    assert set(by_expat) | {digit.decode() for digit in by_run} == set("3456789")
    if size == len(data):
        assert by_run == [b"4", b"5"]


def test_a_run_without_an_end_is_left_to_expat() -> None:
    """Only so much is held back in the hope of a whole element."""
    document = Element({"list": Element(run=lambda _piece: True)})
    walk_of_list = XmlWalk(document, Budget(4), re.compile(b"<list>"))
    with pytest.raises(ModelInvalid, match="without end"):
        walk_of_list.read(pieces(b'<list><v x="' + b"1" * 20 * MEBIBYTE))
