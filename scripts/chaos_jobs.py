"""The jobs of `scripts/chaos.py`: good parts and bad ones, by URL and by upload, and who hands in.

How each must end is known beforehand: a bad part fails by its code, however often its worker dies.
A customer sends an `Idempotency-Key` and repeats the request until the gateway has taken it, as the
README tells clients to.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

import httpx

from tests.harness.origin import Origin, status
from tests.harness.service import PLAIN
from tests.harness.shapes import ascii_stl, binary_stl, box, tee

GOOD = "quote"
_COME_BACK_S = 0.5
_PATIENCE_S = 120.0
_CUSTOMERS = 4
_BAD_SHARE = 0.25
_RUSH_SHARE = 0.2


@dataclass(frozen=True)
class Wish:
    """One job before it is handed in.

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


def wishes(origin: Origin, count: int, chance: random.Random, pause_s: float) -> list[Wish]:
    """So many jobs in a seeded mix; no two of them have the same model."""
    origin.behaviours["/broken.stl"] = status(500)
    return [_wish(origin, number, chance, pause_s) for number in range(count)]


def _wish(origin: Origin, number: int, chance: random.Random, pause_s: float) -> Wish:
    rush, pause = chance.random() < _RUSH_SHARE, chance.uniform(0, 2 * pause_s)
    if chance.random() < _BAD_SHARE:
        must_end, model = chance.choice(_BAD)
        if not model:
            name = "broken.stl" if must_end == "source_failed" else f"missing-{number}.stl"
            return Wish(number, must_end, rush, pause, url=origin.url(name))
        content = model(number)
    else:
        must_end, content = GOOD, chance.choice(_MODELS)(number)
    if chance.random() < 1 / 2:
        return Wish(number, must_end, rush, pause, model=content)
    return Wish(number, must_end, rush, pause, url=origin.serve(f"{number}.stl", content))


def _size_mm(number: int) -> float:
    return 10 + number / 100


_MODELS: tuple[Callable[[int], bytes], ...] = (
    lambda number: binary_stl(box(_size_mm(number), 10, 8)),
    lambda number: ascii_stl(box(12, _size_mm(number), 6)),
    lambda number: binary_stl(tee(20, _size_mm(number))),
)
_BAD: tuple[tuple[str, Callable[[int], bytes] | None], ...] = (
    ("model_invalid", lambda number: binary_stl(box(_size_mm(number), 9, 9))[:-60]),
    ("model_exceeds_build_volume", lambda number: binary_stl(box(300 + number, 10, 10))),
    ("model_format", lambda number: f"<html>not here: {number}</html>".encode()),
    ("download_failed", None),
    ("source_failed", None),
)


class Customers:
    """Several threads that hand the wishes in.

    Attributes:
        accepted: Job id to wish.
        refused: Answers that were not 202, by status; 0 for none at all.
        failures: Wishes that the gateway never took.
    """

    def __init__(self, base_url: str, wanted: Sequence[Wish]) -> None:
        self.accepted: dict[str, Wish] = {}
        self.refused: Counter[int] = Counter()
        self.failures: list[Wish] = []
        self._base_url = base_url
        self._threads = [
            threading.Thread(target=self._hand_in, args=(wanted[first::_CUSTOMERS],))
            for first in range(_CUSTOMERS)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def busy(self) -> bool:
        """Whether there are wishes that are not handed in yet."""
        return any(thread.is_alive() for thread in self._threads)

    def _hand_in(self, wanted: Sequence[Wish]) -> None:
        with httpx.Client(base_url=self._base_url, **PLAIN) as client:
            for wish in wanted:
                time.sleep(wish.pause_s)
                job_id = self._insist(client, wish)
                if job_id is None:
                    self.failures.append(wish)
                else:
                    self.accepted[job_id] = wish

    def _insist(self, client: httpx.Client, wish: Wish) -> str | None:
        end = time.monotonic() + _PATIENCE_S
        while time.monotonic() < end:
            try:
                answer = _post(client, wish)
            except httpx.TransportError:
                self.refused[0] += 1
            else:
                if answer.status_code == HTTPStatus.ACCEPTED:
                    return str(answer.json()["job_id"])
                self.refused[answer.status_code] += 1
                if answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
                    return None
            time.sleep(_COME_BACK_S)
        return None


def _post(client: httpx.Client, wish: Wish) -> httpx.Response:
    headers = {"Idempotency-Key": f"chaos-{wish.number}"}
    if wish.model is None:
        body = {"download_url": wish.url, "rush": wish.rush}
        return client.post("/quote", json=body, headers=headers)
    return client.post(
        "/upload",
        files={"file": ("part.stl", wish.model)},
        data={"rush": str(wish.rush).lower()},
        headers=headers,
    )
