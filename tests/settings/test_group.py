"""Each field is read from the variable of its name, and from nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from pricing_fdm.settings.group import Group


class Example(Group):
    """A group with one plain value and one secret."""

    some_number: int = 7
    some_secret: SecretStr = SecretStr("")


@pytest.mark.parametrize("name", ["SOME_NUMBER", "some_number"])
def test_a_field_is_read_from_its_variable(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """In capitals or in small letters."""
    monkeypatch.setenv(name, "8")
    assert Example().some_number == 8


def test_an_empty_variable_leaves_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compose files pass unset variables on as empty ones."""
    monkeypatch.setenv("SOME_NUMBER", "")
    assert Example().some_number == 7


def test_a_dotenv_file_in_the_working_folder_is_not_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Settings would depend on the folder that the service is started in."""
    (tmp_path / ".env").write_text("SOME_NUMBER=9\n")
    monkeypatch.chdir(tmp_path)
    assert Example().some_number == 7


def test_only_a_secret_comes_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`SOME_NUMBER_FILE` is no setting."""
    path = tmp_path / "value"
    path.write_text("9\n")
    monkeypatch.setenv("SOME_NUMBER_FILE", str(path))
    monkeypatch.setenv("SOME_SECRET_FILE", str(path))
    example = Example()
    assert (example.some_number, example.some_secret.get_secret_value()) == (7, "9")


def test_values_cannot_be_changed_after_the_start() -> None:
    """All parts of the service see the same settings."""
    with pytest.raises(ValidationError, match="frozen"):
        Example().some_number = 1  # type: ignore[misc]
