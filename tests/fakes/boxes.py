"""Binary STL files that OrcaSlicer, and its stand-in, know for binary."""

from __future__ import annotations

from tests.harness import shapes


def binary_stl(facets: list[shapes.Triangle], attribute: int = 0xFFFF) -> bytes:
    """A file with an empty header; the attribute is what it is known by."""
    return shapes.binary_stl(facets, b"", attribute)
