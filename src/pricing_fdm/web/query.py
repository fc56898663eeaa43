"""The query of a request: each route names the flags that it takes, and refuses all else.

An unknown parameter must not be ignored in silence: `/v1/quote?estimate=true` would slice.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import Response

from pricing_fdm.errors import FieldFault
from pricing_fdm.shop.faults import nearest
from pricing_fdm.web.body import field_name, wrong_fields

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]

_TRUTH = {"true", "false"}


def taking(endpoint: Endpoint, flags: tuple[str, ...]) -> Endpoint:
    """The endpoint, with a check of the query before it."""
    return functools.partial(_asked, endpoint, flags)


def flag(request: Request, name: str) -> bool:
    """Whether a flag is given that the route takes."""
    return request.query_params.get(name) == "true"


async def _asked(endpoint: Endpoint, flags: tuple[str, ...], request: Request) -> Response:
    """Raises `InvalidRequest` for a parameter that is unknown, repeated, or no flag."""
    if faults := tuple(dict.fromkeys(_faults(request, flags))):
        raise wrong_fields(faults)
    return await endpoint(request)


def _faults(request: Request, flags: tuple[str, ...]) -> Iterator[FieldFault]:
    for name, value in request.query_params.multi_items():
        if name not in flags:
            known = nearest(name, flags) if flags else "this route takes none."
            yield FieldFault(field_name((name,)), f"There is no such query parameter; {known}")
        elif len(request.query_params.getlist(name)) > 1:
            yield FieldFault(name, "It is given twice.")
        elif value not in _TRUTH:
            yield FieldFault(name, "Must be true or false.")
