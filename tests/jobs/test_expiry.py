from __future__ import annotations

import pytest

from pricing_fdm.jobs.expiry import seconds_left
from pricing_fdm.jobs.record import JobSource, SourceKind

NOW_S = 1_795_600_000.0  # 2026-11-25T09:46:40Z
UNKNOWN_S = 7 * 86400
HOST = "https://bucket.example.com/part.stl"


@pytest.mark.parametrize(
    ("query", "expected_s"),
    [
        ("?X-Amz-Date=20261125T094640Z&X-Amz-Expires=300&X-Amz-Signature=s", 300),
        ("?x-amz-date=20261125T094540Z&x-amz-expires=300", 240),
        ("?X-Goog-Date=20261125T094640Z&X-Goog-Expires=900&X-Goog-Signature=s", 900),
        ("?AWSAccessKeyId=k&Expires=1795600060&Signature=s", 60),
        ("?se=2026-11-25T09%3A47%3A40Z&sig=s", 60),
        ("?se=2026-11-25&sig=s", 1),
        ("?X-Amz-Date=20261125T084640Z&X-Amz-Expires=300", 1),
        ("?X-Amz-Date=20261125T094640Z&X-Amz-Expires=99999999", UNKNOWN_S),
        ("", UNKNOWN_S),
        ("?token=abc", UNKNOWN_S),
        ("?X-Amz-Date=yesterday&X-Amz-Expires=300", UNKNOWN_S),
        ("?Expires=soon", UNKNOWN_S),
        ("?X-Amz-Date=20261125T094640Z&X-Amz-Expires=" + "9" * 400, UNKNOWN_S),
    ],
    ids=[
        "aws", "lower case", "google", "aws version 2", "azure", "azure, a day", "over",
        "longer than anybody signs for", "nothing", "other", "no date", "no number", "huge",
    ],
)  # fmt: skip
def test_a_link_says_how_long_it_is_good(query: str, expected_s: float) -> None:
    """J6: it is kept no longer than that."""
    source = JobSource(SourceKind.URL, HOST + query)
    assert seconds_left(source, NOW_S) == expected_s


def test_an_upload_is_kept_by_the_rules_of_its_store() -> None:
    """Its key says nothing."""
    assert seconds_left(JobSource(SourceKind.UPLOAD, "0f3a?Expires=1"), NOW_S) == UNKNOWN_S


def test_what_is_no_url_at_all_is_not_ours_to_judge() -> None:
    """The guard refuses it when it is fetched."""
    assert seconds_left(JobSource(SourceKind.URL, "http://[::1"), NOW_S) == UNKNOWN_S


def test_the_clock_is_the_machine_s_by_default() -> None:
    """A link of 2001 is over."""
    assert seconds_left(JobSource(SourceKind.URL, f"{HOST}?Expires=1000000000")) == 1
