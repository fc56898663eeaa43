"""Shows the main job at work: a real service, a real part, one quote over HTTP.

Starts the service on a free port, serves the bundled part from a local origin, posts its URL to
the quote endpoint, prints request and answer, and stops what it started, on Ctrl-C too. The exit
code is 0 only when a real slicer produced the figures. Standard library only.
"""

from __future__ import annotations

import contextlib
import functools
import http.client
import json
import os
import select
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import FrameType
from typing import IO, Any

ROOT = Path(__file__).resolve().parent.parent
SERVICE = ROOT / ".venv" / "bin" / "pricing-fdm"
PART = ROOT / "examples" / "kickstarter-fdm-test.stl"
LOOPBACK = "127.0.0.1"
QUOTE_PATH = "/internal/pricing/fdm/quote"
REAL_SLICERS = {"orca": "OrcaSlicer", "prusa": "PrusaSlicer"}

INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
READY_LIMIT_S = 120
ANSWER_LIMIT_S = 330
STOP_LIMIT_S = 15
LOG_TAIL_LINES = 20


class DemoFailed(Exception):
    """There is no quote to show; the text says why."""


def main() -> int:
    """Returns the exit code."""
    for number in INTERRUPTIONS:
        signal.signal(number, _end_orderly)
    try:
        with origin() as origin_port, service(origin_port) as service_port:
            order = {
                "file_url": f"http://{LOOPBACK}:{origin_port}/{PART.name}",
                "material": "pla",
                "infill": 20,
                "layer_thickness": 200,
            }
            show_request(service_port, order)
            show_quote(ask(service_port, "POST", QUOTE_PATH, order))
    except DemoFailed as failure:
        print(f"\nNo quote: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


@contextlib.contextmanager
def origin() -> Iterator[int]:
    """Serves the folder of the bundled part on a free port, as an object store would."""
    handler = functools.partial(_SilentHandler, directory=PART.parent)
    with ThreadingHTTPServer((LOOPBACK, 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()


class _SilentHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        pass


@contextlib.contextmanager
def service(origin_port: int) -> Iterator[int]:
    """Runs the service, which may fetch from that origin only, and yields its port when ready."""
    if not SERVICE.exists():
        raise DemoFailed("the service is not installed; run `make setup`.")
    port = _free_port()
    command = [str(SERVICE), "serve", "--host", LOOPBACK, "--port", str(port)]
    print(f"Starting the service: {shlex.join(['pricing-fdm', *command[1:]])}", flush=True)
    with tempfile.TemporaryFile("w+", errors="replace") as log, contextlib.ExitStack() as stack:
        with _interruptions_wait():
            # A session of its own: a Ctrl-C at the terminal reaches us alone, and we stop it.
            process = subprocess.Popen(
                command,
                env=_environment(origin_port),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            stack.callback(_stop, process)
        try:
            _wait_until_ready(process, port, log)
            yield port
        except KeyboardInterrupt:
            print("\nStopping the service; Ctrl-C again ends it at once.", file=sys.stderr)
            raise


@contextlib.contextmanager
def _interruptions_wait() -> Iterator[None]:
    """Raised inside Popen, an interruption would lose a process that has just started."""
    arrived: list[int] = []
    handlers = {
        number: signal.signal(number, lambda number, _frame: arrived.append(number))
        for number in INTERRUPTIONS
    }
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    if arrived:
        raise KeyboardInterrupt


def _environment(origin_port: int) -> dict[str, str]:
    """Ours, without what would make a private service of it, and with this one origin opened."""
    private = {"API_TOKEN", "API_TOKEN_FILE", "REDIS_URL", "REDIS_URL_FILE"}
    inherited = {name: value for name, value in os.environ.items() if name not in private}
    return inherited | {
        "FETCH_ALLOWED_HOSTS": f"{LOOPBACK}:{origin_port}",
        "FETCH_ALLOWED_CIDRS": f"{LOOPBACK}/32",
        "FETCH_ALLOW_HTTP": "true",
    }


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: IO[str]) -> None:
    """Waits for GET /ready to say 200.

    Raises:
        DemoFailed: The service ended or did not become ready; with its reasons or last words.
    """
    reasons = "it does not answer"
    deadline = time.monotonic() + READY_LIMIT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise DemoFailed(f"the service ended with {process.returncode}:\n{_tail(log)}")
        with contextlib.suppress(DemoFailed):
            status, body = ask(port, "GET", "/ready")
            if status == http.HTTPStatus.OK:
                return
            reasons = json.dumps(body, indent=2)
        time.sleep(0.2)
    raise DemoFailed(f"not ready after {READY_LIMIT_S} s: {reasons}\n{_tail(log)}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    try:
        process.terminate()
        process.wait(STOP_LIMIT_S)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):  # or a second Ctrl-C: no more patience
        process.kill()
        process.wait()


def ask(
    port: int, method: str, path: str, order: dict[str, Any] | None = None
) -> tuple[int, dict[str, Any]]:
    """Sends one request to the service; no proxy of this machine's can come between.

    Raises:
        DemoFailed: No answer came, or it is no JSON object.
    """
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=10)
    try:
        content = json.dumps(order) if order is not None else None
        connection.request(method, path, content, {"Content-Type": "application/json"})
        _wait_for_bytes(connection.sock)
        answer = connection.getresponse()
        body = json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise DemoFailed(f"no usable answer from the service ({error}).") from error
    finally:
        connection.close()
    if not isinstance(body, dict):
        raise DemoFailed("the service's answer is no JSON object.")
    return answer.status, body


def _wait_for_bytes(connection: socket.socket) -> None:
    """Waits in short steps: Python sees a signal that comes just before a long one only after."""
    deadline = time.monotonic() + ANSWER_LIMIT_S
    while not select.select([connection], [], [], 0.5)[0]:
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing came within {ANSWER_LIMIT_S} s")


def show_request(port: int, order: dict[str, Any]) -> None:
    """Prints the request so that it can be copied into a shell."""
    print(f"\ncurl http://{LOOPBACK}:{port}{QUOTE_PATH} \\")
    print("  --header 'Content-Type: application/json' \\")
    print(f"  --data {shlex.quote(json.dumps(order))}\n")
    print("Waiting for the quote: the slicer works about 20 s on this part.\n", flush=True)


def show_quote(answer: tuple[int, dict[str, Any]]) -> None:
    """Prints the answer as it came, and then what a person wants to know.

    Raises:
        DemoFailed: It is no quote, or no real slicer produced it.
    """
    status, body = answer
    print(json.dumps(body, indent=2))
    if status != http.HTTPStatus.OK:
        raise DemoFailed(f"the service answered {status}: {body.get('detail', 'without a reason')}")
    try:
        engine = REAL_SLICERS[body["engine"]["name"]]
        if body["print_time_hours"] <= 0 or body["filament_weight_g"] <= 0:
            raise DemoFailed("the figures are not those of a printed part.")
        rows = _rows(body, engine)
    except (KeyError, TypeError) as error:
        raise DemoFailed(f"the answer lacks a figure or names no real slicer ({error}).") from error
    width = max(len(name) for name, _ in rows)
    print()
    for name, value in rows:
        print(f"  {name:<{width}}  {value}")


def _rows(quote: dict[str, Any], engine: str) -> list[tuple[str, str]]:
    price, currency = quote["price"], quote["currency"]
    size = " x ".join(f"{extent:g}" for extent in quote["model"]["dimensions_mm"])
    return [
        ("Part", f"{PART.name}, {size} mm"),
        ("Sliced by", f"{engine} {quote['engine']['version']}"),
        ("Print time", f"{quote['print_time_hours']:.2f} h"),
        ("Filament", f"{quote['filament_weight_g']:.2f} g, {quote['volume_cm3']:.2f} cm3"),
        *((line["label"], f"{line['amount']:>8} {currency}") for line in price["lines"]),
        ("Total", f"{price['total']:>8} {currency}"),
        ("Lead time", f"{quote['lead_time_days']} d"),
    ]


def _tail(log: IO[str]) -> str:
    log.seek(0)
    return "\n".join(log.read().splitlines()[-LOG_TAIL_LINES:])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _end_orderly(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
