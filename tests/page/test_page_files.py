"""The files that `scripts/build-web` made, as a caller gets them."""

from __future__ import annotations

import re
import subprocess

import httpx
import pytest

from tests.harness.service import RunningService

UNPACK = {
    "br": "zlib.brotliDecompressSync",
    "gzip": "zlib.gunzipSync",
    "identity": "",
}


@pytest.mark.parametrize("coding", UNPACK)
def test_every_file_of_the_page_arrives_whole_in_each_coding(
    alone: RunningService, coding: str
) -> None:
    """Unpacked by Node, which is no part of the service; smaller than the file it stands for."""
    page = sent(alone, "/", coding)
    names = re.findall(r'(?:src|href)="(/assets/[^"]+)"', page.decode())
    assert {name.rpartition(".")[2] for name in names} >= {"js", "css", "svg"}
    for name in names:
        assert sent(alone, name, coding) == sent(alone, name, "identity")


def sent(service: RunningService, path: str, coding: str) -> bytes:
    """The body, unpacked."""
    url, accept = f"{service.base_url}{path}", {"Accept-Encoding": coding}
    with httpx.stream("GET", url, headers=accept, trust_env=False) as answer:
        body = b"".join(answer.iter_raw())
    assert answer.status_code == 200
    if coding == "identity":
        assert "content-encoding" not in answer.headers
        return body
    assert answer.headers["content-encoding"] == coding
    script = f"process.stdout.write({UNPACK[coding]}(require('fs').readFileSync(0)))"
    unpack = subprocess.run(["node", "-e", script], input=body, capture_output=True, check=True)
    assert len(unpack.stdout) > len(body)
    return unpack.stdout
