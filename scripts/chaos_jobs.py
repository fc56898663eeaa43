"""The jobs of `scripts/chaos.py`: good parts and bad ones, by URL and by upload, rush and standard.

How each must end is known beforehand: a bad part fails by its code, however often its worker dies.
A customer sends an `Idempotency-Key` and repeats the request until the gateway has taken it, as
clients are told to.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from tests.harness.origin import Origin, status
from tests.harness.service import PLAIN
from tests.harness.shapes import ascii_stl, binary_stl, box, tee

GOOD = "quote"
_COME_BACK_S, _PATIENCE_S = 0.5, 120.0
_PAUSE_S = 0.6
_BAD_SHARE, _RUSH_SHARE = 0.25, 0.2

Model = Callable[[int], bytes] | None
_GOOD: tuple[tuple[str, Model], ...] = (
    (GOOD, lambda number: binary_stl(box(10 + number / 100, 10, 8))),
    (GOOD, lambda number: ascii_stl(box(12, 10 + number / 100, 6))),
    (GOOD, lambda number: binary_stl(tee(20, 10 + number / 100))),
)
_BAD: tuple[tuple[str, Model], ...] = (
    ("model_invalid", lambda number: binary_stl(box(10 + number / 100, 9, 9))[:-60]),
    ("model_exceeds_build_volume", lambda number: binary_stl(box(300 + number, 10, 10))),
    ("model_format", lambda number: f"<html>not here: {number}</html>".encode()),
    ("download_failed", None),
    ("source_failed", None),
)


@dataclass(frozen=True)
class Wish:
    """One job before it is submitted.

    Attributes:
        must_end: `GOOD`, or the code of the problem.
        model: What is uploaded; None when the model is at `url`.
    """

    number: int
    must_end: str
    rush: bool
    pause_s: float
    url: str = ""
    model: bytes | None = field(default=None, repr=False)


def wishes(origin: Origin, count: int, chance: random.Random) -> list[Wish]:
    """So many jobs in a seeded mix; no two of them have the same model."""
    origin.behaviours["/broken.stl"] = status(500)
    return [_wish(origin, number, chance) for number in range(count)]


def _wish(origin: Origin, number: int, chance: random.Random) -> Wish:
    must_end, model = chance.choice(_BAD if chance.random() < _BAD_SHARE else _GOOD)
    rush, pause_s = chance.random() < _RUSH_SHARE, chance.uniform(0, 2 * _PAUSE_S)
    if model is None:
        name = "broken.stl" if must_end == "source_failed" else f"missing-{number}.stl"
        return Wish(number, must_end, rush, pause_s, url=origin.url(name))
    content = model(number)
    if chance.random() < 1 / 2:
        return Wish(number, must_end, rush, pause_s, model=content)
    return Wish(number, must_end, rush, pause_s, url=origin.serve(f"{number}.stl", content))


def submit(base_url: str, wish: Wish) -> str | None:
    """Insists until the job is taken; returns its id, None if it never was."""
    time.sleep(wish.pause_s)
    end = time.monotonic() + _PATIENCE_S
    with httpx.Client(base_url=base_url, **PLAIN) as client:
        while time.monotonic() < end:
            try:
                answer = _post(client, wish)
            except httpx.TransportError:
                pass
            else:
                if answer.status_code == httpx.codes.ACCEPTED:
                    return str(answer.json()["job_id"])
                if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                    return None
            time.sleep(_COME_BACK_S)
    return None


def _post(client: httpx.Client, wish: Wish) -> httpx.Response:
    headers = {"Idempotency-Key": f"chaos-{wish.number}"}
    if wish.model is None:
        body = {"download_url": wish.url, "rush": wish.rush}
        return client.post("/quote", json=body, headers=headers)
    file, form = ("part.stl", wish.model), {"rush": str(wish.rush).lower()}
    return client.post("/upload", files={"file": file}, data=form, headers=headers)


def how_it_ended(base_url: str, job_id: str) -> str:
    """`GOOD`, the code of the problem, or `none` while it has not ended."""
    match httpx.get(f"{base_url}/status/{job_id}", **PLAIN).json():
        case {"status": "completed", "data": {"quote": {"price": {"total": _}}}}:
            return GOOD
        case {"status": "failed", "data": {"error": {"code": code}}}:
            return str(code)
    return "none"
