"""Judges the address of a Redis without loading the library that would connect to it."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

_WHAT = "must be redis://host:port/0, rediss://host:port/0 or unix:///path/to/socket?db=0"


def check_address(url: str) -> None:
    """Returns when the address can be one.

    Raises:
        ValueError: It cannot; the message does not repeat it, since it may hold a password.
    """
    try:
        parts = urlsplit(url)
        place = parts.path if parts.scheme == "unix" else parts.hostname
        database = (
            parse_qs(parts.query).get("db", ["0"])[0]
            if parts.scheme == "unix"
            else parts.path.strip("/") or "0"
        )
        fits = (
            parts.scheme in {"redis", "rediss", "unix"}
            and bool(place)
            and database.isdecimal()
            and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(_WHAT)
