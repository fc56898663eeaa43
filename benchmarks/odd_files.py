"""Files that are not as they should be, and what the service and a peer answer to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from benchmarks.place import Caller
from tests.harness.service import QUOTE, order
from tests.harness.shapes import Triangle, binary_stl, box, tee

AskPeer = Callable[[str], dict[str, Any]]

_ORDER = {"infill": 10, "layer_thickness": 300, "orientation": "keep"}


def odd_files() -> list[tuple[str, str, bytes]]:
    """Name, what is right, and the file."""
    good = tee()
    return [
        ("a T, as it should be", "its price", binary_stl(good)),
        ("the same, inside out", "the same", binary_stl([(a, c, b) for a, b, c in good])),
        ("the same, one triangle missing", "the same, with a warning", binary_stl(good[1:])),
        ("the same, cut off in the middle", "refused", binary_stl(good)[:-500]),
        ("the same, in metres", "refused or doubted", binary_stl(_scaled(good, 0.001))),
        ("two boxes that share an edge", "both, with a warning",
         binary_stl(box(15, 15, 10) + box(15, 15, 10, (15, 15, 0)))),
        ("a box of 20 x 20 x 260 mm", "refused or laid down", binary_stl(box(20, 20, 260))),
        ("an error page with the name of an STL", "refused",
         b"<html><body>404 Not Found</body></html>"),
        ("no bytes at all", "refused", b""),
    ]  # fmt: skip


def odd_answers(
    caller: Caller, ask_peer: AskPeer, name: str, right: str, content: bytes
) -> tuple[str, str, str, str]:
    """A row: name, what is right, the peer's answer and the service's."""
    url = caller.place.origin.serve("odd.stl", content)
    theirs = ask_peer(url)
    told = theirs.get("error") or f"{theirs['grams']:.2f} g, {theirs['print_time_s']:.0f} s"
    response = caller.client.post(f"{caller.service.base_url}{QUOTE}", json=order(url, **_ORDER))
    return name, right, str(told).splitlines()[0][:90], _ours(response)


def _ours(response: httpx.Response) -> str:
    body = response.json()
    if response.status_code != httpx.codes.OK:
        return f"{response.status_code} `{body['code']}`"
    codes = ", ".join(f"`{warning['code']}`" for warning in body["warnings"])
    figures = f"{body['filament_weight_g']:.2f} g, {body['print_time_hours'] * 3600:.0f} s"
    return f"{figures}; {codes}" if codes else figures


def _scaled(triangles: list[Triangle], factor: float) -> list[Triangle]:
    def corner(at: tuple[float, float, float]) -> tuple[float, float, float]:
        return at[0] * factor, at[1] * factor, at[2] * factor

    return [(corner(a), corner(b), corner(c)) for a, b, c in triangles]
