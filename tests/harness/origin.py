"""A real HTTP origin on loopback that serves models and can behave badly."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Behaviour = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Origin:
    """What is served, and what was asked for.

    Attributes:
        files: Path (without query) to content.
        behaviours: Path to what happens instead of serving content.
        requests: Paths with their queries, in the order of arrival.
    """

    port: int
    files: dict[str, bytes] = field(default_factory=dict)
    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)

    @property
    def host(self) -> str:
        """`host:port`, as FETCH_ALLOWED_HOSTS wants it."""
        return f"127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The settings that open exactly this origin."""
        return {
            "FETCH_ALLOWED_HOSTS": self.host,
            "FETCH_ALLOWED_CIDRS": "127.0.0.1/32",
            "FETCH_ALLOW_HTTP": "true",
        }

    def serve(self, name: str, content: bytes) -> str:
        """Serves `content` and returns its URL."""
        self.files[f"/{name}"] = content
        return self.url(name)

    def url(self, name: str) -> str:
        """The URL of a name, served or not."""
        return f"http://{self.host}/{name}"


@contextlib.contextmanager
def running_origin() -> Iterator[Origin]:
    """Runs an origin until the context is left."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            origin.requests.append(self.path)
            path = self.path.partition("?")[0]
            if path in origin.behaviours:
                with contextlib.suppress(ConnectionError):
                    origin.behaviours[path](self)
                return
            content = origin.files.get(path)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            with contextlib.suppress(ConnectionError):
                self.wfile.write(content or b"")

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    origin = Origin(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield origin
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def status(code: int) -> Behaviour:
    """Answers with a bare status."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def hanging(until: threading.Event) -> Behaviour:
    """Sends headers, a few bytes, and then nothing until the event is set."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        handler.wfile.write(b"solid slow\n")
        handler.wfile.flush()
        until.wait(60)

    return answer
