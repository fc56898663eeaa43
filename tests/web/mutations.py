"""Requests that a fuzzer would send: an order with something wrong, the same ones for each seed.

Bodies are put together as text, so that they may hold what no JSON library writes: NaN, a number of
400 digits, a key that comes twice, half a character.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from tests.web import oddities

Header = tuple[str, str]
Members = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it goes out; `chunks` is its body, sent with its length when it is one."""

    method: str
    target: str
    chunks: tuple[bytes, ...] = ()
    headers: tuple[Header, ...] = field(default=())

    def __str__(self) -> str:
        """Enough to send it again by hand, and to read a failed test's output."""
        body = b"".join(self.chunks)
        return f"{self.method} {self.target[:200]} {str(self.headers)[:300]} {body[:300]!r}"


def orders(path: str, number: int, *, seed: int, file_urls: tuple[str, ...]) -> Iterator[Sent]:
    """Orders that are mostly wrong, in one to three ways each.

    Args:
        path: Where they are posted.
        number: How many.
        seed: Equal seeds give equal requests.
        file_urls: What a right order would name.
    """
    chance = random.Random(seed)
    for _ in range(number):
        body = _body(chance, chance.choice(file_urls))
        headers: list[Header] = [("Content-Type", "application/json")]
        if chance.random() < 0.06:
            odd = [("Content-Type", chance.choice(oddities.CONTENT_TYPES))]
            headers = chance.choice(([], odd))
        if chance.random() < 0.3:
            headers += chance.sample(oddities.HEADERS, chance.randint(1, 4))
        chunks = _cut_up(chance, body) if chance.random() < 0.1 else (body,)
        yield Sent("POST", path + chance.choice(oddities.QUERIES), chunks, tuple(headers))


def _body(chance: random.Random, file_url: str) -> bytes:
    if chance.random() < 0.03:
        return chance.choice(oddities.VALUES).encode()
    members: Members = [
        ("file_url", json.dumps(file_url)),
        ("material", json.dumps(chance.choice(("pla", "ABS", "petg", "abs-esd", "tpu")))),
        ("infill", str(chance.randint(10, 100))),
        ("layer_thickness", str(chance.choice((100, 200, 300)))),
        *chance.sample(
            [
                ("quantity", str(chance.randint(1, 10_000))),
                ("supports", '"auto"'),
                ("orientation", '"keep"'),
                ("units", '"mm"'),
            ],
            chance.randint(0, 4),
        ),
    ]
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        chance.choice(IN_MEMBERS)(chance, members)
    blank = chance.choice(("", "", " ", "\r\n\t"))
    text = "{" + f"{blank},{blank}".join(f'"{key}":{blank}{value}' for key, value in members) + "}"
    body = text.encode(chance.choice(("utf-8",) * 20 + ("utf-16", "utf-8-sig", "utf-32-be")))
    return chance.choice(IN_BYTES)(chance, body) if chance.random() < 0.25 else body


def _swap_value(chance: random.Random, members: Members) -> None:
    place = chance.randrange(len(members))
    members[place] = (members[place][0], chance.choice(oddities.VALUES))


def _swap_url(chance: random.Random, members: Members) -> None:
    members[0] = (members[0][0], f'"{chance.choice(oddities.URLS)}"')


def _rename(chance: random.Random, members: Members) -> None:
    place = chance.randrange(len(members))
    members[place] = (chance.choice(oddities.KEYS), members[place][1])


def _leave_out(chance: random.Random, members: Members) -> None:
    if len(members) > 1:
        members.pop(chance.randrange(len(members)))


def _add_twice(chance: random.Random, members: Members) -> None:
    key, _ = chance.choice(members)
    members.insert(chance.randrange(len(members)), (key, chance.choice(oddities.VALUES)))


def _add_unknown(chance: random.Random, members: Members) -> None:
    members.append((chance.choice(oddities.KEYS), chance.choice(oddities.VALUES)))


def _add_many(chance: random.Random, members: Members) -> None:
    if chance.random() < 0.1:
        members += [(f"k{number}", "0") for number in range(chance.choice((50, 5000)))]


def _shuffle(chance: random.Random, members: Members) -> None:
    values = [value for _, value in members]
    chance.shuffle(values)
    members[:] = [(key, value) for (key, _), value in zip(members, values, strict=True)]


def _truncate(chance: random.Random, body: bytes) -> bytes:
    return body[: chance.randrange(len(body))]


def _flip(chance: random.Random, body: bytes) -> bytes:
    place = chance.randrange(len(body))
    return body[:place] + chance.randbytes(1) + body[place + 1 :]


def _insert(chance: random.Random, body: bytes) -> bytes:
    place = chance.randrange(len(body))
    return body[:place] + chance.randbytes(chance.randint(1, 30)) + body[place:]


def _repeat(chance: random.Random, body: bytes) -> bytes:
    return body + chance.choice((body, b"\n", b"\0", b"]", b"//comment"))


def _bloat(chance: random.Random, body: bytes) -> bytes:
    return body + b" " * chance.choice((100, 65_536, 100_000))


def _cut_up(chance: random.Random, body: bytes) -> tuple[bytes, ...]:
    size = chance.randint(max(1, len(body) // 20), len(body) + 1)
    return (*(body[at : at + size] for at in range(0, len(body), size)), b"")


IN_MEMBERS: tuple[Callable[[random.Random, Members], None], ...] = (
    *(_swap_value, _swap_value, _swap_url, _rename, _leave_out),
    *(_add_twice, _add_unknown, _add_many, _shuffle),
)
IN_BYTES: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    *(_truncate, _truncate, _flip, _flip, _insert, _repeat, _bloat),
)


def strays(routes: Mapping[str, frozenset[str]], number: int, *, seed: int) -> Iterator[Sent]:
    """Requests that no route fits: wrong paths, wrong methods, and routes with a slash too many.

    Args:
        routes: The methods of each path.
        number: How many.
        seed: Equal seeds give equal requests.
    """
    chance = random.Random(seed)
    while number:
        target = chance.choice((_near, _far))(chance, list(routes)) + chance.choice(
            oddities.QUERIES
        )
        method = chance.choice(oddities.METHODS)
        if target.startswith("/") and method not in routes.get(
            unquote(target.partition("?")[0]), ()
        ):
            number -= 1
            yield Sent(method, target)


def _near(chance: random.Random, routes: list[str]) -> str:
    route = chance.choice(routes)
    odd = chance.choice(("/", "//", "/.", "%20", ".json", ";", "%00", "/x", "%2F", "?", ""))
    return chance.choice((route + odd, "/" + route, route.upper(), route[:-1], route))


def _far(chance: random.Random, _routes: list[str]) -> str:
    if chance.random() < 0.1:
        return chance.choice(oddities.STRAYS)
    return "/" + "/".join(chance.choices(oddities.SEGMENTS, k=chance.randint(1, 6)))
