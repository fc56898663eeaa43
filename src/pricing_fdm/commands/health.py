"""`pricing-fdm health`: the container's health check, so that its image needs no curl.

It asks an address on this machine that the operator names, not one that a caller names; the rules
of `fetch/` are for callers.
"""

from __future__ import annotations

import argparse
import sys
import urllib.error
import urllib.request

from pricing_fdm.settings.port import stated_port

_TIMEOUT_S = 5


def run(options: argparse.Namespace) -> int:
    """Exit code 0 when `/health` answers 200."""
    base = options.url or f"http://127.0.0.1:{_port()}"
    url = base if base.endswith("/health") else f"{base.rstrip('/')}/health"
    # Without a proxy handler: a proxy of the environment says nothing about this service.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=_TIMEOUT_S) as answer:
            print(answer.read(100).decode(errors="replace"))
    except (OSError, ValueError, urllib.error.URLError) as error:
        print(f"{url} does not answer: {error}", file=sys.stderr)
        return 1
    return 0


def _port() -> int:
    port = stated_port()
    if port is not None:
        return port
    from pricing_fdm.settings import load_settings  # noqa: PLC0415 - to say what is wrong with it

    return load_settings().server.pricing_fdm_port
