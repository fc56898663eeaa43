"""Where the running image may be sent for a model, and where it never goes."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler

import pytest

from e2e.containers import Container
from tests.harness.origin import Behaviour, Origin, status
from tests.harness.service import order

REFUSED = {
    "metadata of AWS, GCP, Azure": "http://169.254.169.254/latest/meta-data/",
    "metadata over IPv6": "http://[fd00:ec2::254]/latest/meta-data/",
    "metadata of Alibaba": "http://100.100.100.200/latest/meta-data/",
    "metadata by name": "https://metadata.google.internal/",
    "loopback": "https://127.0.0.1/part.stl",
    "loopback by name": "https://localhost/part.stl",
    "loopback over IPv6": "https://[::1]/part.stl",
    "loopback as a number": "https://2130706433/part.stl",
    "loopback in short": "https://127.1/part.stl",
    "loopback in IPv6 clothes": "https://[::ffff:127.0.0.1]/part.stl",
    "another address of loopback": "https://127.0.0.2/part.stl",
    "unspecified": "https://0.0.0.0/part.stl",
    "private, class A": "https://10.0.0.1/part.stl",
    "private, class B": "https://172.16.0.1/part.stl",
    "private, class C": "https://192.168.1.1/part.stl",
    "the machine's own file": "file:///etc/passwd",
    "FTP": "ftp://127.0.0.1/part.stl",
    "gopher": "gopher://127.0.0.1:6379/_INFO",
    "no scheme": "//127.0.0.1/part.stl",
}


@pytest.mark.parametrize("url", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_allowed_is_refused_a5_a8(service: Container, url: str) -> None:
    """A5, A6, A7, A8: 400 without a word about what is there."""
    answer = service.post(order(url))
    assert (answer.status_code, answer.json()["code"]) in {
        (400, "source_refused"),
        (400, "invalid_request"),
    }
    assert url not in answer.text


@pytest.mark.parametrize(
    "disguise",
    ["http://{}/part.stl", "http://user@{}/part.stl", "http://{}#@allowed/part.stl"],
    ids=["plain", "with a user", "with a fragment"],
)
def test_another_port_of_an_allowed_address_is_not_asked_a5(
    service: Container, trap: Origin, disguise: str
) -> None:
    """A5: one host and port are allowed, and no other server of that address hears of it."""
    answer = service.post(order(disguise.format(trap.host)))
    assert (answer.status_code, answer.json()["code"]) == (400, "source_refused")
    assert trap.requests == []


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_a4(
    service: Container, origin: Origin, trap: Origin, code: int
) -> None:
    """A4: an allowed origin cannot send the service elsewhere."""
    origin.behaviours[f"/moved-{code}"] = redirect(code, trap.url("secret"))
    answer = service.post(order(origin.url(f"moved-{code}")))
    assert (answer.status_code, answer.json()["code"]) == (400, "source_refused")
    assert trap.requests == []


def redirect(code: int, target: str) -> Behaviour:
    """Sends elsewhere."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        handler.send_header("Location", target)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


@pytest.mark.parametrize(
    ("origin_status", "expected"),
    [
        (403, (400, "download_failed")),
        (404, (400, "download_failed")),
        (500, (502, "source_failed")),
        (503, (502, "source_failed")),
    ],
)
def test_an_origin_that_refuses_is_told_from_one_that_fails(
    service: Container, origin: Origin, origin_status: int, expected: tuple[int, str]
) -> None:
    """An expired link is the caller's matter, a broken store is not."""
    origin.behaviours[f"/status-{origin_status}"] = status(origin_status)
    answer = service.post(order(origin.url(f"status-{origin_status}")))
    assert (answer.status_code, answer.json()["code"]) == expected
