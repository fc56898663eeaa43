"""How `pricing-fdm worker` refuses to start; what it does is in tests/jobs/test_worker.py."""

from __future__ import annotations

from tests.harness.command import pricing_fdm


def test_without_a_redis_it_does_not_start_e4() -> None:
    """E4: exit code 2, and the variable is named."""
    done = pricing_fdm("worker")
    assert done.returncode == 2
    assert "REDIS_URL: a worker needs the Redis that holds the jobs" in done.stderr


def test_a_wrong_address_is_not_repeated_e4() -> None:
    """It may hold a password."""
    done = pricing_fdm("worker", environment={"REDIS_URL": "http://:hunter2@redis"})
    assert done.returncode == 2
    assert "REDIS_URL: must be redis://host:port/0" in done.stderr
    assert "hunter2" not in done.stdout + done.stderr


def test_without_a_slicer_it_ends_with_the_reason() -> None:
    """It would take jobs from those that can do them; its platform starts it again."""
    environment = {"REDIS_URL": "redis://127.0.0.1:1", "PRUSA_BINARY": "/none"}
    done = pricing_fdm("worker", environment=environment)
    assert done.returncode == 1
    assert "This machine cannot price:" in done.stderr
    assert "slicer: " in done.stderr
