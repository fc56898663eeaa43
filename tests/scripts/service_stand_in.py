"""Stands in for the service: answers as the test says, and notes when it is asked to stop.

Usage: service_stand_in.py serve --host HOST --port PORT, with these variables:
    STAND_IN_READY    status of GET /ready; 0: end at once with a last word
    STAND_IN_STATUS   status of the quote; 0: never answer
    STAND_IN_BODY     body of the quote
    STAND_IN_NOTES    file for what happened
    STAND_IN_STUBBORN do not stop when asked to
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import FrameType


def note(text: str) -> None:
    with Path(os.environ["STAND_IN_NOTES"]).open("a") as notes:
        notes.write(f"{text}\n")


def stop(_number: int, _frame: FrameType | None) -> None:
    note("asked to stop")
    if "STAND_IN_STUBBORN" not in os.environ:
        sys.exit(0)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.answer(int(os.environ["STAND_IN_READY"]), '{"slicer": "no slicer was found"}')

    def do_POST(self) -> None:
        order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with urllib.request.urlopen(order.pop("file_url")) as part:
            note(f"{self.path} {json.dumps(order)} {len(part.read())} bytes")
        note(" ".join(os.environ.get(name, "-") for name in SETTINGS))
        status = int(os.environ["STAND_IN_STATUS"])
        if status == 0:
            time.sleep(600)
        self.answer(status, os.environ["STAND_IN_BODY"])

    def answer(self, status: int, body: str) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body.encode())


SETTINGS = (
    *("FETCH_ALLOWED_HOSTS", "FETCH_ALLOWED_CIDRS", "FETCH_ALLOW_HTTP"),
    *("API_TOKEN", "API_TOKEN_FILE"),
)

if __name__ == "__main__":
    if os.environ["STAND_IN_READY"] == "0":
        sys.exit("a setting is wrong")
    signal.signal(signal.SIGTERM, stop)
    address = (sys.argv[sys.argv.index("--host") + 1], int(sys.argv[sys.argv.index("--port") + 1]))
    ThreadingHTTPServer(address, Handler).serve_forever()
