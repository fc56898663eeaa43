"""A12: only the fetch stage can reach an address that a caller chose."""

from __future__ import annotations

import ast
from pathlib import Path

import pricing_fdm

SOURCE = Path(pricing_fdm.__file__).parent
CLIENTS = (
    "aiohttp",
    "ftplib",
    "http.client",
    "httpcore",
    "httpx",
    "requests",
    "smtplib",
    "urllib.request",
    "urllib3",
)
# What these reach is never named by a caller.
NOT_FOR_CALLERS = {
    "commands/health.py": "asks the /health that the operator names",
}


def imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def test_a12_no_http_client_is_imported_outside_the_fetch_stage() -> None:
    """A12: comparable services fixed one path out and were reached by the next."""
    doors = {
        f"{path.relative_to(SOURCE)} imports {name}"
        for path in SOURCE.rglob("*.py")
        if path.relative_to(SOURCE).parts[0] != "fetch"
        and str(path.relative_to(SOURCE)) not in NOT_FOR_CALLERS
        for name in imports(path)
        if name in CLIENTS or name.startswith(tuple(f"{client}." for client in CLIENTS))
    }
    assert not doors


def test_a12_within_the_stage_few_modules_touch_the_library() -> None:
    """Sockets are opened in one place; whoever adds another must change this line."""
    using = {
        path.name
        for path in (SOURCE / "fetch").glob("*.py")
        if {"httpcore", "httpx", "socket"} & imports(path)
    }
    assert using == {
        *("client.py", "download.py", "network.py", "stream.py", "transport.py"),
    }
