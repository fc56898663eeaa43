"""Recognising a file by its head must never take one file for another."""

from __future__ import annotations

import httpcore
import pytest

from pricing_fdm.fetch.guard import admit
from pricing_fdm.fetch.policy import FetchPolicy, parse_allowed_hosts
from pricing_fdm.fetch.recognition import Recognition, Seen

POLICY = FetchPolicy(allow_http=True, allowed_hosts=parse_allowed_hosts(""))
HOST = "models.example.com"
SIGNATURES = {
    "AWS 4": "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a%2Fb&X-Amz-Date={0}"
    "&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Security-Token={0}&X-Amz-Signature={0}",
    "AWS 2": "AWSAccessKeyId=a&Expires={0}&Signature={0}",
    "Google": "X-Goog-Algorithm=b&X-Goog-Credential={0}&X-Goog-Signature={0}",
    "Azure": "sv=2024-05-04&se={0}&sr=b&sp=r&sig={0}&skoid=1&sktid=2&skt=3&ske=4&sks=b&skv=5",
    "CloudFront": "Policy={0}&Key-Pair-Id=K&Signature={0}",
    "spelt otherwise": "x%2Damz%2Dsignature={0}&SIGNATURE={0}",
}


def mark(
    url: str = f"https://{HOST}/a/part.stl",
    *headers: tuple[str, str],
    trusted: str = HOST,
) -> str | None:
    given = headers or (("ETag", '"v1"'), ("Content-Length", "684"))
    response = httpcore.Response(200, headers=list(given))
    return Recognition(parse_allowed_hosts(trusted)).mark(admit(url, POLICY), response)


@pytest.mark.parametrize("query", SIGNATURES.values(), ids=SIGNATURES.keys())
def test_another_signature_is_the_same_object(query: str) -> None:
    """Each quote comes with a link that was signed for it."""
    urls = [f"https://{HOST}/a/part.stl?{query.format(signed)}" for signed in ("1", "2")]
    assert mark(urls[0]) == mark(urls[1]) is not None


def test_whatever_else_differs_is_another_object() -> None:
    """An ETag that only counts versions is `"1"` for many objects."""
    tag, length = ("ETag", '"v1"'), ("Content-Length", "684")
    marks = [
        mark(),
        mark(f"https://{HOST}/a/other.stl"),
        mark(f"https://{HOST}/a/part.stl?versionId=2"),
        mark(f"https://{HOST}/a/part.stl?id=2&X-Amz-Signature=1"),
        mark(f"http://{HOST}/a/part.stl"),
        mark(f"https://www.{HOST}/a/part.stl", trusted=f".{HOST}"),
        mark(f"https://{HOST}/a/part.stl", ("ETag", '"v2"'), length),
        mark(f"https://{HOST}/a/part.stl", tag, ("Content-Length", "685")),
    ]
    assert None not in marks
    assert len(set(marks)) == len(marks)


@pytest.mark.parametrize(
    "headers",
    [
        [("ETag", 'W/"v1"'), ("Content-Length", "684")],
        [("Content-Length", "684")],
        [("ETag", '"v1"')],
        [("ETag", '"v1"'), ("ETag", '"v2"'), ("Content-Length", "684")],
        [("ETag", "v1"), ("Content-Length", "684")],
        [("ETag", '""'), ("Content-Length", "684")],
        [("ETag", '"a"b"'), ("Content-Length", "684")],
        [("ETag", f'"{"x" * 300}"'), ("Content-Length", "684")],
    ],
    ids=["weak", "none", "no length", "two", "bare", "empty", "odd", "endless"],
)
def test_an_answer_that_promises_nothing_is_not_recognised(headers: list[tuple[str, str]]) -> None:
    """Then the body is read, as ever."""
    assert mark(f"https://{HOST}/a/part.stl", *headers) is None


@pytest.mark.parametrize(
    ("trusted", "is_trusted"),
    [
        ("", False),
        ("other.example.com", False),
        (".example.com", True),
        (f"{HOST}:8443", False),
        (f"{HOST}:443", True),
    ],
)
def test_only_named_origins_are_believed(trusted: str, is_trusted: bool) -> None:
    """Any other could say that its new file is an old one, and have the old price."""
    assert (mark(trusted=trusted) is not None) is is_trusted


def test_the_file_that_was_not_asked_for_longest_is_forgotten() -> None:
    """The memory is bounded."""
    recognition = Recognition(most=2)
    for name in ("a", "b"):
        recognition.remember(name, Seen(name, 1))
    assert recognition.seen("a")
    recognition.remember("c", Seen("c", 1))
    assert [name for name in "abc" if recognition.seen(name)] == ["a", "c"]
