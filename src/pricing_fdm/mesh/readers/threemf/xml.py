"""Walks one XML part of a 3MF with expat, with bounded time and memory.

A document type is refused before expat sees it, and with it every entity, default attribute and
external reference (3MF core, 2.3.2). A handler of expat would be too late: after it has raised,
pyexpat goes on to the end of the piece. A part must be UTF-8, as 3MF demands, since UTF-16 would
hide the document type. Expat bounds neither depth nor the length of a tag nor the number of
different names, so this module does.

Cost: O(n) in bytes, of which an unfinished tag or comment is looked through a few times at most.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias
from xml.parsers import expat

from pricing_fdm.mesh.readers.threemf.budget import Budget, fault

MAX_DEPTH = 64
MAX_TAG_BYTES = 512 * 1024
MAX_NAMES = 10_000

_DOCTYPE = b"<!DOCTYPE"

Attributes: TypeAlias = list[str]
"""Name, value, name, value; names of a namespace as `uri name`."""


@dataclass(frozen=True, slots=True, eq=False)
class Element:
    """What to do at one place of a document; elements without a place are skipped.

    Attributes:
        start: Takes the attributes of the start tag.
        other: Takes the name of a child that has no place.
        end: Called at the end tag.
        text: Takes the text inside, in pieces.
        run: Takes the bytes of whole child elements past expat, see `mesh`; False if it cannot,
            which sends them to expat.
    """

    children: Mapping[str, Element] = field(default_factory=dict)
    start: Callable[[Attributes], None] | None = None
    other: Callable[[str], None] | None = None
    end: Callable[[], None] | None = None
    text: Callable[[str], None] | None = None
    run: Callable[[bytes], bool] | None = None


_NOWHERE = Element()


class XmlWalk:
    """One walk over one document.

    Args:
        root: The place above the root element.
        budget: Is charged for the elements.
        openings: The start tags, to the byte, of the elements that have a `run`.

    Attributes:
        namespaces: What the prefixes stand for, as first declared.
    """

    def __init__(
        self, root: Element, budget: Budget, openings: re.Pattern[bytes] | None = None
    ) -> None:
        self.namespaces: dict[str, str] = {}
        self._budget = budget
        self._openings = openings
        self._place = root
        self._above: list[Element] = []
        self._elements = 0
        self._declarations = 0
        self._fed = 0
        self._run: Callable[[bytes], bool] | None = None
        self._run_from = -1
        self._held = b""
        self._search_from = 0
        self._parser = expat.ParserCreate("UTF-8", " ")
        self._parser.ordered_attributes = True
        self._parser.buffer_text = True  # else each line end of a text is a call of its own
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartNamespaceDeclHandler = self._declare

    def read(self, chunks: Iterable[bytes]) -> None:
        """Walks the whole document.

        Raises:
            ModelInvalid: No XML, or more than we read, or what a callback raises.
        """
        tail = b""
        for chunk in chunks:
            if b"\0" in chunk:
                raise fault("is not written in UTF-8, as 3MF demands")
            window = tail + chunk
            if _DOCTYPE in window:
                raise fault("declares an XML document type, which 3MF forbids")
            tail = window[1 - len(_DOCTYPE) :]
            self._take(chunk)
        self._parse(self._held)
        self._parse(b"", final=True)

    def _take(self, chunk: bytes) -> None:
        data, at, self._held = self._held + chunk, 0, b""
        while at < len(data):
            if self._run is None:
                at = self._until_run(data, at)
            else:
                at = self._past_expat(self._run, data, at)

    def _until_run(self, data: bytes, at: int) -> int:
        """Feeds expat up to an element with a `run`; returns where it stopped."""
        search_from = at + max(0, self._search_from - self._fed)
        opening = self._openings.search(data, search_from) if self._openings else None
        if opening is None:
            self._parse(data[at:])
            return len(data)
        self._parse(data[at : opening.end()])
        # The same bytes in a comment are no tag; only expat knows, by the place of its last tag.
        if self._run_from == self._fed - len(opening[0]):
            self._run = self._place.run
        else:
            # At every call expat reads an unfinished comment from its start, so the next call is
            # made when there is as much again to read.
            self._search_from = 2 * self._fed - self._parser.CurrentByteIndex
        return opening.end()

    def _past_expat(self, run: Callable[[bytes], bool], data: bytes, at: int) -> int:
        """Takes the whole children at the front; returns where expat must go on."""
        stop = data.find(b"</", at)
        end = data.rfind(b"/>", at, len(data) if stop < 0 else stop) + len(b"/>")
        if end > at + 1:
            if not run(data[at:end]):
                self._run = None
                return at
            at = end
        if stop < 0 and len(data) - at <= MAX_TAG_BYTES:
            self._held = data[at:]
            return len(data)
        self._run = None
        return at

    def _parse(self, data: bytes, *, final: bool = False) -> None:
        self._fed += len(data)
        try:
            self._parser.Parse(data, final)
        except expat.ExpatError as error:
            raise fault("holds XML that is damaged") from error
        self._budget.spend("elements", self._elements)
        self._elements = 0
        if self._fed - self._parser.CurrentByteIndex > MAX_TAG_BYTES and not final:
            raise fault("holds an XML tag without end")
        if max(len(self._parser.intern), self._declarations) > MAX_NAMES:
            raise fault("holds more XML names than we read")

    def _start(self, name: str, attributes: Attributes) -> None:
        self._elements += 1
        self._above.append(self._place)
        if len(self._above) > MAX_DEPTH:
            raise fault("nests its XML elements too deeply")
        above, self._place = self._place, self._place.children.get(name, _NOWHERE)
        if self._place is _NOWHERE and above.other is not None:
            above.other(name)
        if self._place.run is not None:
            self._run_from = self._parser.CurrentByteIndex
        if self._place.text is not None:
            self._parser.CharacterDataHandler = self._place.text
        if self._place.start is not None:
            self._place.start(attributes)

    def _end(self, _name: str) -> None:
        if self._place.text is not None:
            self._parser.CharacterDataHandler = None
        if self._place.end is not None:
            self._place.end()
        self._place = self._above.pop()

    def _declare(self, prefix: str | None, uri: str) -> None:
        self._declarations += 1
        self.namespaces.setdefault(prefix or "", uri or "")


def by_name(attributes: Attributes) -> dict[str, str]:
    """The attributes as a mapping."""
    return dict(zip(attributes[::2], attributes[1::2], strict=True))


def required(attributes: Mapping[str, str], name: str) -> str:
    """The value of a required attribute.

    Raises:
        ModelInvalid: It is missing.
    """
    if name not in attributes:
        raise fault("lacks an attribute that 3MF demands")
    return attributes[name]
