"""Who may call, when the operator has set a token."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from pricing_fdm.web.auth import BearerAuthMiddleware
from tests.harness.origin import Origin
from tests.harness.service import (
    MATERIALS,
    QUOTE,
    RunningService,
    free_port,
    running_service,
)

OLD, NEW = "old-" * 8, "new-" * 10


@pytest.fixture(scope="module")
def guarded(origin: Origin) -> Iterator[RunningService]:
    """A service in the middle of a token rotation."""
    with running_service({**origin.environment, "API_TOKEN": f"{OLD},{NEW}"}) as service:
        yield service


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([], 401),
        ([("Authorization", "Bearer wrong")], 401),
        ([("Authorization", "Bearer")], 401),
        ([("Authorization", f"Basic {NEW}")], 401),
        ([("Authorization", f"Bearer {NEW}"), ("Authorization", f"Bearer {NEW}")], 400),
        ([("Authorization", f"Bearer {NEW}")], 200),
        ([("Authorization", f"bearer {OLD}")], 200),
    ],
    ids=["none", "wrong", "empty", "other scheme", "doubled", "new", "old"],
)
def test_matrix_of_tokens_f1(
    guarded: RunningService, headers: list[tuple[str, str]], status: int
) -> None:
    """F1: with the body of every other problem, and the challenge that RFC 9110 wants."""
    response = guarded.get(MATERIALS, headers=headers)
    assert response.status_code == status
    if status != 200:
        assert response.headers["content-type"] == "application/problem+json"
    assert ("www-authenticate" in response.headers) == (status == 401)


def test_only_probes_and_the_description_are_open_f5(guarded: RunningService) -> None:
    """F5: metrics tell volumes and error rates; they are not public by accident."""
    open_paths = ("/health", "/ready", "/openapi.json", "/docs")
    assert {guarded.get(path).status_code for path in open_paths} == {200}
    for path in ("/metrics", MATERIALS, "/nothing"):
        assert guarded.get(path).status_code == 401
    assert guarded.post({}).status_code == 401
    assert guarded.get("/metrics", headers={"Authorization": f"Bearer {NEW}"}).is_success


def test_no_token_is_ever_written_down_f4(guarded: RunningService) -> None:
    """F4: neither a right nor a wrong one."""
    for token in (NEW, "wrong-canary-token"):
        answer = guarded.get(MATERIALS, headers={"Authorization": f"Bearer {token}"})
        guarded.line_of(answer.headers["x-request-id"])
    log = guarded.log_path.read_text()
    assert NEW not in log
    assert "wrong-canary-token" not in log


def test_guessing_is_slow_and_others_do_not_notice_f7() -> None:
    """F7, break-in 12: 20 wrong tokens in 10 s, then 429 for every token until 10 s have passed."""
    now = 0.0

    async def reached(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    guard = BearerAuthMiddleware(reached, [NEW], clock=lambda: now)

    async def ask(peer: str, token: str) -> int:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            raise AssertionError("the body is not read")

        scope = {
            "type": "http",
            "path": QUOTE,
            "client": (peer, 1),
            "headers": [(b"authorization", f"Bearer {token}".encode())],
            "pricing_fdm.request_id": "r",
            "pricing_fdm.line": {},
        }
        await guard(scope, receive, send)
        status: int = sent[0]["status"]
        if status == 429:
            assert dict(sent[0]["headers"])[b"retry-after"] == b"10"
        return status

    async def run() -> None:
        nonlocal now
        assert [await ask("10.0.0.1", "guess") for _ in range(20)] == [401] * 20
        assert await ask("10.0.0.1", "guess") == 429
        assert await ask("10.0.0.1", NEW) == 429, "nothing tells a right guess from a wrong one"
        assert await ask("10.0.0.2", "guess") == 401
        assert await ask("10.0.0.2", NEW) == 200
        now = 10.1
        assert await ask("10.0.0.1", NEW) == 200
        assert await ask("10.0.0.1", "guess") == 401

    asyncio.run(run())


def test_who_sends_no_token_at_all_is_never_blocked(origin: Origin) -> None:
    """It is no guess: a scraper without a token must not block the callers beside it."""
    with running_service({**origin.environment, "API_TOKEN": NEW}) as service:
        assert {service.get(MATERIALS).status_code for _ in range(30)} == {401}
        assert service.get(MATERIALS, headers={"Authorization": f"Bearer {NEW}"}).is_success


def test_readiness_tells_a_stranger_names_and_states_only(origin: Origin) -> None:
    """Break-in 12: paths, versions and reasons are for those who have the token, if one is set."""
    right = {"headers": {"Authorization": f"Bearer {NEW}"}}
    wrong = {"headers": {"Authorization": "Bearer guess"}}
    with running_service({**origin.environment, "API_TOKEN": NEW}) as service:
        for stranger in ({}, wrong):
            answer = service.get("/ready", **stranger)
            assert (answer.status_code, answer.json()["ready"]) == (200, True)
            for check in answer.json()["checks"].values():
                assert set(check) == {"ok", "needed"}
            assert str(service.temp_dir) not in answer.text
        details = service.get("/ready", **right).json()["checks"]
        assert str(service.temp_dir) in details["temp_dir"]["detail"]
        assert {service.get("/ready", **wrong).status_code for _ in range(30)} == {200}
        assert "detail" not in service.get("/ready", **right).text, (
            "guesses count on this path, too"
        )


def test_secrets_are_compared_in_constant_time_only_f3() -> None:
    """F3: `==` on a token told OctoPrint's users' keys letter by letter (CVE-2026-23892)."""
    source = (Path(__file__).parents[2] / "src/pricing_fdm/web/auth.py").read_text()
    names = {"token", "tokens", "digest", "known"}
    compared = [
        ast.unparse(node)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Compare)
        and names & {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    ]
    assert compared == []
    assert "hmac.compare_digest" in source


def test_without_a_token_everything_is_open(service: RunningService) -> None:
    """The service is internal by default; the operator decides."""
    assert httpx.get(f"{service.base_url}{MATERIALS}", trust_env=False).status_code == 200


def test_metrics_can_have_a_port_of_their_own_f5(origin: Origin) -> None:
    """F5: a scraper inside the cluster needs no token, and callers outside find nothing."""
    port = free_port()
    environment = {**origin.environment, "METRICS_PORT": str(port), "API_TOKEN": NEW}
    with running_service(environment) as service:
        scraped = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False)
        assert "pricing_fdm_ready 1.0" in scraped.text
        headers = {"Authorization": f"Bearer {NEW}"}
        assert service.get("/metrics").status_code == 401
        assert service.get("/metrics", headers=headers).status_code == 404
