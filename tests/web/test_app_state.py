"""Routes find what they work with in the state of the lifespan."""

from __future__ import annotations

from types import SimpleNamespace

from starlette.requests import Request

from pricing_fdm.web.app_state import STATE_KEY, queue_of, state_of


def request(state: object) -> Request:
    """A request to a service with this state."""
    return Request({"type": "http", "state": {STATE_KEY: state}})


def test_a_request_knows_the_state_of_its_service() -> None:
    """And with it the state of the queue mode."""
    state = SimpleNamespace(queue=object())
    assert id(state_of(request(state))) == id(state)
    assert queue_of(request(state)) is state.queue
