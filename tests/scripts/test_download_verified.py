from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scripts.checkout import Checkout

SCRIPT = "scripts/download_verified.py"
CONTENT = b"the bytes that were pinned"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def destination(checkout: Checkout) -> Path:
    """Where the file should appear, in a folder of its own."""
    folder = checkout.root / "wanted"
    folder.mkdir()
    return folder / "file"


@pytest.fixture
def raw_origin() -> Iterator[tuple[str, socket.socket]]:
    """A URL, and the listening socket behind it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/file", listener


def assert_refused(checkout: Checkout, url: str, destination: Path, reason: str) -> None:
    """One sentence, exit code 1, and no trace of a file."""
    done = checkout.run(str(checkout.python), SCRIPT, url, SHA256, str(destination))
    assert done.returncode == 1
    assert reason in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(destination.parent.iterdir()) == []


def test_the_pinned_file_arrives_whole(
    checkout: Checkout, file_server: tuple[str, Path], destination: Path
) -> None:
    """The ordinary case, over HTTP."""
    (file_server[1] / "file").write_bytes(CONTENT)
    done = checkout.run(
        str(checkout.python), SCRIPT, f"{file_server[0]}/file", SHA256, str(destination)
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert destination.read_bytes() == CONTENT
    assert list(destination.parent.iterdir()) == [destination]


def test_other_bytes_are_refused(
    checkout: Checkout, file_server: tuple[str, Path], destination: Path
) -> None:
    """The origin, or a mirror, may have been taken over."""
    (file_server[1] / "file").write_bytes(CONTENT + b"!")
    assert_refused(checkout, f"{file_server[0]}/file", destination, "SHA-256")


def test_an_unreachable_origin_is_refused(
    checkout: Checkout, closed_port: int, destination: Path
) -> None:
    """Nobody listens there."""
    assert_refused(
        checkout, f"http://127.0.0.1:{closed_port}/file", destination, "the download failed"
    )


def test_a_missing_file_is_refused(
    checkout: Checkout, file_server: tuple[str, Path], destination: Path
) -> None:
    """The origin's own status says more than a hash of its error page."""
    assert_refused(checkout, f"{file_server[0]}/file", destination, "404")


@pytest.mark.parametrize("url", ["no-url", "gopher://127.0.0.1/file"])
def test_what_is_no_url_is_refused(checkout: Checkout, url: str, destination: Path) -> None:
    """A typing error in ORCA_APPIMAGE_URL ends in a sentence, not in a traceback."""
    assert_refused(checkout, url, destination, "unknown url type")


def test_a_transfer_that_breaks_off_is_refused(
    checkout: Checkout, raw_origin: tuple[str, socket.socket], destination: Path
) -> None:
    """A partial file must not stay behind, whatever its hash."""
    url, listener = raw_origin

    def break_off() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\nthe bytes")

    thread = threading.Thread(target=break_off)
    thread.start()
    assert_refused(checkout, url, destination, "")
    thread.join()


@pytest.mark.parametrize(
    ("limit", "reason"),
    [
        pytest.param("READ_LIMIT_S = 10", "timed out", id="by-the-socket"),
        pytest.param("ANSWER_LIMIT_S = 15", "not done after", id="by-the-whole-process"),
    ],
)
def test_an_origin_that_never_answers_is_given_up(
    checkout: Checkout,
    raw_origin: tuple[str, socket.socket],
    destination: Path,
    limit: str,
    reason: str,
) -> None:
    """Networks that drop packets let a connection wait for minutes."""
    checkout.edit(SCRIPT, limit, limit.partition("=")[0] + "= 0.2")
    assert_refused(checkout, raw_origin[0], destination, reason)


def test_an_endless_file_is_given_up(
    checkout: Checkout, file_server: tuple[str, Path], destination: Path
) -> None:
    """A hostile mirror could fill the disk before the hash is known."""
    checkout.edit(SCRIPT, "SIZE_LIMIT_BYTES = 1 << 30", "SIZE_LIMIT_BYTES = 20")
    (file_server[1] / "file").write_bytes(CONTENT)
    assert_refused(checkout, f"{file_server[0]}/file", destination, "larger than 20 bytes")
