"""An outage is a line at its begin, one every ten minutes, and one at its end."""

from __future__ import annotations

from structlog.testing import capture_logs

from pricing_fdm.telemetry.outage import OutageLog


def lines(*looks: tuple[float, bool]) -> list[tuple[str, str, int]]:
    """What is logged of looks at these seconds."""
    now_s = [0.0]
    log = OutageLog(lambda: now_s[0])
    with capture_logs() as written:
        for now_s[0], answers in looks:
            log.note(answers=answers)
    return [(line["event"], line["log_level"], line["away_s"]) for line in written]


def test_a_redis_that_answers_is_no_news() -> None:
    assert lines((0, True), (1, True)) == []


def test_an_outage_is_told_once_then_rarely_and_at_its_end() -> None:
    """Not once a second: the log of a night would hold nothing else."""
    every_second = [(float(second), False) for second in range(100, 100 + 1900)]
    assert lines((0, True), *every_second, (2000, True), (2001, True)) == [
        ("redis_away", "error", 0),
        ("redis_away", "error", 600),
        ("redis_away", "error", 1200),
        ("redis_away", "error", 1800),
        ("redis_back", "warning", 1900),
    ]


def test_the_next_outage_is_news_again() -> None:
    assert lines((0, False), (1, True), (2, False)) == [
        ("redis_away", "error", 0),
        ("redis_back", "warning", 1),
        ("redis_away", "error", 0),
    ]
