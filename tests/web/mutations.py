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

Header = tuple[str, str]
Members = list[tuple[str, str]]

VALUES = (
    *("null", "true", "false", "0", "-0", "-1", "1.5", "20.0", "2e1", "1e400", "-1e-400", "10001"),
    *("9" * 400, "-" + "9" * 5000, "NaN", "Infinity", "-Infinity", "0x10", "010", "+1", ".5", "1."),
    *(
        '""',
        '"20"',
        '" pla"',
        '"PLA\\u0000"',
        '"pl\\u0061"',
        '"\\ud800"',
        '"\\udc00\\ud800"',
        '"\\x"',
    ),
    *(
        '"\u202epla"',
        '"\ufeffpla"',
        '"ﬁ"',
        '"\u017f"',
        '"İ"',
        '"💩"',
        '"%s%n"',
        '"${jndi:ldap://x}"',
    ),
    *('"<script>alert(1)</script>"', '"../../etc/passwd"', '"\'; drop table quotes; --"', "'pla'"),
    *("[]", "{}", "[20]", '{"$ne": null}', '{"__proto__": {}}', "[" * 300 + "]" * 300, "[" * 9000),
    *(
        '{"a":' * 200 + "1" + "}" * 200,
        '"' + "a" * 5000 + '"',
        '"' + "\\n" * 3000 + '"',
        "undefined",
    ),
)
KEYS = (
    *("colour", "Material", "INFILL", "file_url ", "", "__proto__", "constructor", "__class__"),
    *("a" * 65, "a" * 5000, "é", "\\u0000", "\\ud800", "\\n", "x.y", "0", "<b>", "quantity\\u200b"),
)
URLS = (
    *(
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://127.0.0.1/",
        "http://0/",
    ),
    *(
        "https://models.example.com/part.stl",
        "https://user:word@example.com/",
        "https://example.com:22/",
    ),
    *(
        "file:///etc/passwd",
        "gopher://x/",
        "ftp://example.com/",
        "data:,solid",
        "javascript:alert(1)",
    ),
    *("//example.com/", "/part.stl", "https://", "https:///x", "https://xn--/", "http://a b/", "x"),
    *("http://2130706433/", "http://0x7f.1/", "https://m\u00fcller.example/", "https://[v1.x]/"),
    *(
        "https://example.com/\\r\\nX: y",
        "https://example.com/%00",
        "https://" + "a." * 1500 + "com/",
    ),
)
CONTENT_TYPES = (
    *(
        "application/json; charset=utf-16",
        "APPLICATION/JSON",
        "application/json;",
        "text/plain",
        "",
    ),
    *("application/json, text/html", "application/x-www-form-urlencoded", "application/jsonp", ";"),
    *(
        "multipart/form-data; boundary=x",
        "application/problem+json",
        "*/*",
        "a" * 3000,
        "\xff/\xfe",
    ),
)
ODD_HEADERS: tuple[Header, ...] = (
    ("X-Request-ID", "a" * 500),
    ("X-Request-ID", "two words"),
    ("X-Request-ID", '"};{"event":"forged"}'),
    ("X-Request-ID", "\xe4\xff"),
    ("Accept", "text/html;q=nonsense, application/xml"),
    ("Accept-Encoding", "br;q=1, *;q=0"),
    ("Authorization", "Bearer " + "x" * 3000),
    ("Authorization", "Basic OjpAOg=="),
    ("Content-Encoding", "gzip"),
    ("Content-Language", "\xe4"),
    ("Cookie", "a=b; " * 500),
    ("Expect", "100-continue"),
    ("Forwarded", "for=127.0.0.1;host=evil.example"),
    ("If-Match", "*"),
    ("Origin", "null"),
    ("Range", "bytes=0-0,1-1,-1"),
    ("TE", "trailers"),
    ("X-Forwarded-For", "127.0.0.1, " * 200),
    ("X-Forwarded-Host", "evil.example"),
    ("X-HTTP-Method-Override", "DELETE"),
    ("traceparent", "00-" + "f" * 32 + "-" + "0" * 16 + "-01"),
    ("traceparent", "ff-nonsense"),
)
QUERIES = (
    "",
    "",
    "",
    "?",
    "?material=pla&material=abs",
    "?%00=%ff",
    "?" + "a=1&" * 300,
    "?a[]=1;b",
)


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
            headers = [("Content-Type", chance.choice(CONTENT_TYPES))][: chance.randrange(2)]
        if chance.random() < 0.3:
            headers += chance.sample(ODD_HEADERS, chance.randint(1, 4))
        chunks = _cut_up(chance, body) if chance.random() < 0.1 else (body,)
        yield Sent("POST", path + chance.choice(QUERIES), chunks, tuple(headers))


def _body(chance: random.Random, file_url: str) -> bytes:
    if chance.random() < 0.03:
        return chance.choice(VALUES).encode()
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
    members[place] = (members[place][0], chance.choice(VALUES))


def _swap_url(chance: random.Random, members: Members) -> None:
    members[0] = (members[0][0], f'"{chance.choice(URLS)}"')


def _rename(chance: random.Random, members: Members) -> None:
    place = chance.randrange(len(members))
    members[place] = (chance.choice(KEYS), members[place][1])


def _leave_out(chance: random.Random, members: Members) -> None:
    if len(members) > 1:
        members.pop(chance.randrange(len(members)))


def _add_twice(chance: random.Random, members: Members) -> None:
    key, _ = chance.choice(members)
    members.insert(chance.randrange(len(members)), (key, chance.choice(VALUES)))


def _add_unknown(chance: random.Random, members: Members) -> None:
    members.append((chance.choice(KEYS), chance.choice(VALUES)))


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


METHODS = (
    *(
        "GET",
        "GET",
        "HEAD",
        "POST",
        "PUT",
        "DELETE",
        "PATCH",
        "OPTIONS",
        "TRACE",
        "CONNECT",
        "QUERY",
    ),
    *("PROPFIND", "get", "post", "M-SEARCH", "A" * 300, "!#$%&'*+-.^_`|~", "HTTP"),
)
SEGMENTS = (
    *("internal", "pricing", "fdm", "quote", "materials", "health", "ready", "metrics", "docs"),
    *("", ".", "..", "%2e%2e", "%2F", "%00", "%0d%0aX:y", "%ff%fe", "%C3%A4", "~root", "a" * 3000),
    *("openapi.json", ".env", ".git", "wp-login.php", "{job_id}", "1", ";x=1", "@", ":8083", "*"),
)
STRAYS = (
    *("*", "http://evil.example/health", "//evil.example/health", "/%", "/%zz", "/#/health", "/?"),
    *("/\\health", "/health%00", "/health%20", "/health#", "/internal/pricing/fdm/quote%2F"),
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
        target = chance.choice((_near, _far))(chance, list(routes)) + chance.choice(QUERIES)
        method = chance.choice(METHODS)
        if method not in routes.get(unquote(target.partition("?")[0]), ()):
            number -= 1
            yield Sent(method, target)


def _near(chance: random.Random, routes: list[str]) -> str:
    route = chance.choice(routes)
    odd = chance.choice(("/", "//", "/.", "%20", ".json", ";", "%00", "/x", "%2F", "?", ""))
    return chance.choice((route + odd, "/" + route, route.upper(), route[:-1], route))


def _far(chance: random.Random, _routes: list[str]) -> str:
    if chance.random() < 0.1:
        return chance.choice(STRAYS)
    return "/" + "/".join(chance.choices(SEGMENTS, k=chance.randint(1, 6)))
