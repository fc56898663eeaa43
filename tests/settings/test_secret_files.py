"""A secret comes from its variable or from the file that `NAME_FILE` names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pricing_fdm.settings import SettingsError, load_settings
from pricing_fdm.settings.load import secret_names

TOKEN = "0123456789abcdef0123456789abcdef"
GOOD = {
    **dict.fromkeys(("ADMIN_TOKEN", "API_TOKEN", "CALLBACK_SECRET"), TOKEN),
    "REDIS_URL": f"redis://:{TOKEN}@redis:6379/0",
}


def given(name: str) -> str:
    """The value of a secret as the service has it."""
    settings = load_settings()
    for group in (settings.server, settings.jobs):
        if name.lower() in type(group).model_fields:
            value: str = getattr(group, name.lower()).get_secret_value()
            return value
    raise AssertionError(name)


def fault_of(name: str) -> str:
    """The one fault of the environment."""
    with pytest.raises(SettingsError) as wrong:
        load_settings()
    [fault] = wrong.value.faults
    assert fault.startswith(f"{name}: ")
    return fault


def test_every_secret_has_an_example_here() -> None:
    """A new one joins the tests below."""
    assert secret_names() == set(GOOD)


@pytest.mark.parametrize("name", sorted(GOOD))
@pytest.mark.parametrize("end", ["", "\n", "\r\n"], ids=["bare", "newline", "Windows"])
def test_a_secret_comes_from_its_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, end: str
) -> None:
    """As Docker, Kubernetes and systemd mount them; editors end a file with a newline."""
    path = tmp_path / "secret"
    path.write_bytes(f"{GOOD[name]}{end}".encode())
    monkeypatch.setenv(f"{name}_FILE", str(path))
    assert given(name) == GOOD[name]
    assert TOKEN not in repr(load_settings())


def test_two_tokens_of_a_rotation_fit_into_one_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The file holds what the variable would."""
    path = tmp_path / "secret"
    path.write_text(f"{'a' * 32},{'b' * 32}\n")
    monkeypatch.setenv("API_TOKEN_FILE", str(path))
    assert load_settings().server.tokens == ("a" * 32, "b" * 32)


def test_what_holds_for_a_value_holds_for_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A file is no way around the bounds."""
    path = tmp_path / "secret"
    path.write_text("short\n")
    monkeypatch.setenv("API_TOKEN_FILE", str(path))
    assert "at least 32 characters" in fault_of("API_TOKEN")


@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_secret_that_is_given_twice_is_a_fault(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    """One of the two would be dropped, and nobody could say which."""
    path = tmp_path / "secret"
    path.write_text(GOOD[name])
    monkeypatch.setenv(f"{name}_FILE", str(path))
    monkeypatch.setenv(name, GOOD[name])
    fault = fault_of(name)
    assert fault == f"{name}: is set, and so is {name}_FILE; set one of them"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        pytest.param(None, "cannot be read: No such file or directory", id="missing"),
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b"\n", "is empty", id="newline-only"),
        pytest.param(b"  \t\n", "is empty", id="blank"),
        pytest.param(
            f"{TOKEN}\n{TOKEN}\n".encode(), "must hold one line of printable text", id="two-lines"
        ),
        pytest.param(
            f"{TOKEN}\n\n".encode(), "must hold one line of printable text", id="two-newlines"
        ),
        pytest.param(b"\xff\xfe" + TOKEN.encode("utf-16-le"), "is not text in UTF-8", id="UTF-16"),
        pytest.param(b"a" * 70_000, "is larger than 64 KiB", id="huge"),
    ],
)
@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_file_that_cannot_be_used_is_a_named_fault(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, content: bytes | None, what: str
) -> None:
    """And never a service without the secret. Neither path nor content is shown."""
    path = tmp_path / TOKEN
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv(f"{name}_FILE", str(path))
    fault = fault_of(name)
    assert fault == f"{name}: the file that {name}_FILE names {what}"


@pytest.mark.parametrize(
    ("path", "reason"), [("/", "Is a directory"), ("a" * 5000, "File name too long")]
)
def test_what_is_no_file_is_a_named_fault(
    monkeypatch: pytest.MonkeyPatch, path: str, reason: str
) -> None:
    """A volume that was mounted one level too high; the secret itself in place of a path."""
    monkeypatch.setenv("API_TOKEN_FILE", path)
    assert fault_of("API_TOKEN").endswith(f"API_TOKEN_FILE names cannot be read: {reason}")


def test_a_pipe_is_read_like_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """`API_TOKEN_FILE=<(pass show token)` in a shell."""
    reader, writer = os.pipe()
    try:
        os.write(writer, f"{TOKEN}\n".encode())
        os.close(writer)
        monkeypatch.setenv("API_TOKEN_FILE", f"/dev/fd/{reader}")
        assert load_settings().server.tokens == (TOKEN,)
    finally:
        os.close(reader)


def test_an_unreadable_secret_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not also as a queue that a gateway misses."""
    monkeypatch.setenv("GATEWAY_ONLY", "true")
    monkeypatch.setenv("REDIS_URL_FILE", "/nonexistent")
    assert "No such file" in fault_of("REDIS_URL")
