"""The warning about bytes that stand behind a model and were not read.

Cost: O(1).
"""

from __future__ import annotations

from pricing_fdm.model import QuoteWarning


def trailing(surplus: int) -> QuoteWarning:
    """Says how many bytes were ignored."""
    return QuoteWarning(
        "trailing_bytes",
        f"Bytes after the last triangle, which were ignored: {surplus:,}.",
        {"ignored_bytes": surplus},
    )
