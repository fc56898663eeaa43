"""Crafted models: each is answered in words, or its reading ends with its caller."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import httpx

from scripts.attack.files import FILES
from scripts.attack.target import BUSY, SERVER_FAULT, WAIT_S, Case, Target
from tests.harness.service import order
from tests.harness.waiting import wait_until

_LARGEST_BYTES = 5_000_000


def model(name: str, make: Callable[[], bytes]) -> Case:
    """A crafted model: answered in words, or ended with its caller."""

    def attack(target: Target) -> str:
        content = make()
        assert len(content) <= _LARGEST_BYTES
        url = target.origin.serve("attack", content)
        size = f"{len(content) / 1e6:.2f} MB: "
        try:
            answer = target.service.post(order(url), timeout=WAIT_S)
        except httpx.ReadTimeout:
            wait_until(lambda: target.service.leftovers() == [])
            return f"{size}ended with its caller after {WAIT_S:g} s"
        assert answer.status_code < SERVER_FAULT or answer.status_code == BUSY, answer.text
        code = "priced" if answer.is_success else f"{answer.status_code} `{answer.json()['code']}`"
        return size + code

    return Case(name, "real", "a file", attack)


MODELS: Sequence[Case] = tuple(model(name, make) for name, make in FILES.items())
