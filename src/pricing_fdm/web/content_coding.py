"""Which content coding a caller gets of those that a file is kept in (RFC 9110, 12.5.3)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

IDENTITY = "identity"
CODINGS = {"br": ".br", "gzip": ".gz"}
"""The ending of each coding's file, the smallest first; `web/vite.config.ts` makes the files."""

_ALIASES = {"x-gzip": "gzip"}


def chosen_coding(accepted: Sequence[str], kept: Collection[str]) -> str:
    """The coding that is wanted most, the smallest of several; `identity` where none is.

    Args:
        accepted: The values of the header Accept-Encoding.
        kept: The codings that there are, beside the file as it is.
    """
    weights = _weights(",".join(accepted))
    rest = weights.get("*", 0.0)
    wanted = {coding: weights.get(coding, rest) for coding in CODINGS if coding in kept}
    best = max(wanted, key=wanted.__getitem__, default=IDENTITY)
    plain = weights.get(IDENTITY, 0.0)
    return best if wanted.get(best, 0.0) > 0 and wanted[best] >= plain else IDENTITY


def _weights(header: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for element in header.lower().split(","):
        coding, *parameters = (part.strip() for part in element.split(";"))
        if coding:
            found[_ALIASES.get(coding, coding)] = _weight(parameters)
    return found


def _weight(parameters: Sequence[str]) -> float:
    """The `q` of a coding; one that is no weight means that it is not wanted."""
    for name, _, value in (parameter.partition("=") for parameter in parameters):
        if name.strip() == "q":
            try:
                weight = float(value)
            except ValueError:
                return 0.0
            return weight if 0 <= weight <= 1 else 0.0
    return 1.0
