"""A log is read by machines and by tired people; no stranger's text may break or flood it."""

from __future__ import annotations

import io
import json
import logging

import structlog

from pricing_fdm.telemetry.logs import configure_logs


def written(log_format: str = "json", level: str = "info") -> io.StringIO:
    """Configures the logs and returns where they go."""
    stream = io.StringIO()
    configure_logs(log_format, level, stream)
    return stream


def test_an_event_is_one_line_of_json_whatever_it_holds_h4() -> None:
    """H4: CR, LF, ANSI codes and a megabyte in a value."""
    stream = written()
    structlog.get_logger().info(
        "quote_failed", error="a\r\nb\x1b[31mred", detail="x" * 1_000_000, number=3
    )
    lines = stream.getvalue().splitlines()
    assert len(lines) == 1
    assert len(lines[0]) < 32 * 1024
    event = json.loads(lines[0])
    assert event["error"] == r"a\r\nb\x1b[31mred"
    assert event["detail"].endswith("(1000000 characters)")
    assert (event["event"], event["level"], event["number"]) == ("quote_failed", "info", 3)
    assert event["timestamp"].endswith("Z")


def test_a_console_line_has_no_foreign_control_characters_h4() -> None:
    """H4: a terminal obeys them."""
    stream = written("console")
    structlog.get_logger().info("quote_failed", error="\x1b[2Jgone\nfake line")
    assert "\x1b" not in stream.getvalue()
    assert len(stream.getvalue().splitlines()) == 1


def test_libraries_write_in_the_same_form() -> None:
    """A line of plain text among JSON stops a log pipeline."""
    stream = written(level="debug")
    logging.getLogger("uvicorn.error").warning("from a %s", "library")
    events = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [event["event"] for event in events] == ["from a library"]


def test_an_exception_is_told_in_the_same_line() -> None:
    """A traceback of twenty lines cannot be found by request id."""
    stream = written()
    try:
        int("broken")
    except ValueError:
        structlog.get_logger().exception("quote_failed")
    (line,) = stream.getvalue().splitlines()
    assert "ValueError: invalid literal" in json.loads(line)["exception"]


def test_levels_are_obeyed() -> None:
    """Probes are told at debug level; nobody wants them at info."""
    stream = written(level="warning")
    structlog.get_logger().info("request_finished")
    assert stream.getvalue() == ""
