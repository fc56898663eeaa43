"""Lines are written by a thread of their own; who does not read them stops nobody."""

from __future__ import annotations

import io
import json
import logging
import os
import select
import threading
import time

import pytest
import structlog

from pricing_fdm.telemetry import log_writer
from pricing_fdm.telemetry.log_writer import log_in_background
from pricing_fdm.telemetry.logs import configure_logs

PIPE_BYTES = 64 * 1024
LINE_BYTES = 1000
PATIENCE_S = 30.0


def events(text: str) -> list[str]:
    return [json.loads(line)["event"] for line in text.splitlines()]


def test_all_lines_are_there_in_order_when_it_ends() -> None:
    """The last line of a process is the one that says why it ended."""
    stream = io.StringIO()
    configure_logs("json", "info", stream)
    with log_in_background():
        for number in range(500):
            structlog.get_logger().info(f"event-{number}")
    structlog.get_logger().info("afterwards")
    assert events(stream.getvalue()) == [
        *(f"event-{number}" for number in range(500)),
        "afterwards",
    ]


def test_a_line_is_put_together_where_it_happens() -> None:
    """The request id is known there and nowhere else; an exception is gone a moment later."""
    stream = io.StringIO()
    configure_logs("json", "info", stream)
    with log_in_background(), structlog.contextvars.bound_contextvars(request_id="r-1"):
        try:
            int("broken")
        except ValueError:
            structlog.get_logger().exception("quote_failed")
        logging.getLogger("a.library").warning("from a %s", "library")
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert "ValueError" in first["exception"]
    assert (first["request_id"], second["request_id"]) == ("r-1", "r-1")


def test_a_pipe_that_nobody_reads_stops_nobody() -> None:
    """Beyond the bound lines are lost; those that get through again tell how many."""
    read_end, write_end = os.pipe()
    room, written, lines = 100, 1000, list[str]()
    with os.fdopen(read_end) as reader, os.fdopen(write_end, "w") as stream:
        configure_logs("json", "info", stream)
        with log_in_background(most_waiting=room):
            for _ in range(written):
                structlog.get_logger().info("unread", text="x" * LINE_BYTES)
            reading = threading.Thread(target=lambda: lines.extend(reader))
            reading.start()
        stream.close()
        reading.join(PATIENCE_S)
    said = events("".join(lines))
    told = [int(event.rpartition(" ")[2]) for event in said if "lost" in event]
    assert len(said) - len(told) + sum(told) == written
    assert said.count("unread") <= room + PIPE_BYTES // LINE_BYTES + 1


def test_a_process_that_ends_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads the log may have died first."""
    monkeypatch.setattr(log_writer, "LAST_WORDS_S", 0.1)
    read_end, write_end = os.pipe()
    with os.fdopen(read_end) as reader, os.fdopen(write_end, "w") as stream:
        configure_logs("json", "info", stream)
        before = set(threading.enumerate())
        with log_in_background(most_waiting=10):
            (writer,) = set(threading.enumerate()) - before
            while select.select([], [write_end], [], 0)[1]:  # until the pipe is full
                structlog.get_logger().info("unread", text="x" * LINE_BYTES)
                time.sleep(0.002)
            for _ in range(20):
                structlog.get_logger().info("unread", text="x" * LINE_BYTES)
        assert writer.is_alive()
        reading = threading.Thread(target=reader.read)
        reading.start()
        writer.join(PATIENCE_S)
        assert not writer.is_alive()
        stream.close()
        reading.join(PATIENCE_S)
