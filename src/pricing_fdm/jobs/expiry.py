"""How long a presigned URL is still good, as its own query says.

Read, never verified: a wrong figure only shortens how long we keep the URL. Known are AWS and
Google signatures of version 4, the older `Expires=` of both, and Azure's `se=`.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from pricing_fdm.jobs.record import JobSource, SourceKind

_UNKNOWN_S = 7 * 86400.0  # the longest that AWS and Google sign for
_LEAST_S = 1.0


def seconds_left(source: JobSource, now_s: float | None = None) -> float:
    """Seconds until the source cannot be fetched any longer, at least 1, at most 7 days."""
    if source.kind is not SourceKind.URL:
        return _UNKNOWN_S
    try:
        query = {name.lower(): value for name, value in parse_qsl(urlsplit(source.reference).query)}
        ends_s = _end_s(query)
    except (ValueError, OverflowError):
        ends_s = None
    if ends_s is None:
        return _UNKNOWN_S
    left_s = ends_s - (time.time() if now_s is None else now_s)
    return min(max(left_s, _LEAST_S), _UNKNOWN_S)


def _end_s(query: Mapping[str, str]) -> float | None:
    for vendor in ("x-amz", "x-goog"):
        if f"{vendor}-date" in query and f"{vendor}-expires" in query:
            begun = dt.datetime.strptime(query[f"{vendor}-date"], "%Y%m%dT%H%M%S%z")
            return begun.timestamp() + int(query[f"{vendor}-expires"])
    if "expires" in query:
        return float(int(query["expires"]))
    if "se" in query and "sig" in query:
        ends = dt.datetime.fromisoformat(query["se"])
        return (ends if ends.tzinfo else ends.replace(tzinfo=dt.UTC)).timestamp()
    return None
