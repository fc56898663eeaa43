"""Secrets from files: `NAME_FILE` names the file that holds the value of the secret `NAME`.

Docker, Kubernetes and systemd mount secrets as files. A file that cannot be used is a fault like
any other wrong value. The message contains neither its content nor its path, because the secret
itself may have been put into `NAME_FILE` by mistake.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import EnvSettingsSource

_LONGEST_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class SecretFile:
    """A secret whose file has not been read yet.

    Attributes:
        variable: The variable that names the file.
        value_is_set: Whether the secret's own variable is set, too.
    """

    variable: str
    path: Path
    value_is_set: bool

    def read(self) -> str:
        """The one line that the file holds, without its end.

        Raises:
            ValueError: It cannot be used; the message says why.
        """
        if self.value_is_set:
            raise ValueError(f"is set, and so is {self.variable}; set one of them")
        try:
            with self.path.open("rb") as file:
                content = file.read(_LONGEST_BYTES + 1)
        except OSError as error:
            # Not the error's own text, which quotes the path.
            raise ValueError(
                f"the file that {self.variable} names cannot be read: {error.strerror}"
            ) from error
        if len(content) > _LONGEST_BYTES:
            raise ValueError(f"the file that {self.variable} names is larger than 64 KiB")
        return self._one_line(content)

    def _one_line(self, content: bytes) -> str:
        try:
            text = content.decode().removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError as error:
            raise ValueError(f"the file that {self.variable} names is not text in UTF-8") from error
        if not text.strip():
            raise ValueError(f"the file that {self.variable} names is empty")
        if not text.isprintable():
            raise ValueError(
                f"the file that {self.variable} names must hold one line of printable text"
            )
        return text


class EnvironmentSource(EnvSettingsSource):
    """Variables of the environment; for each secret also the file that `NAME_FILE` names."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """See `SecretFile`."""
        value, key, is_complex = super().get_field_value(field, field_name)
        path = self.env_vars.get(f"{field_name}_file")
        if path is None or field.annotation is not SecretStr:
            return value, key, is_complex
        variable = f"{field_name}_file".upper()
        return SecretFile(variable, Path(path), value_is_set=value is not None), key, is_complex
