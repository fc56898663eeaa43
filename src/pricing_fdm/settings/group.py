"""What all groups of settings have in common."""

from __future__ import annotations

from pydantic import field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from pricing_fdm.settings.secret_files import EnvironmentSource, SecretFile

MIB = 1024 * 1024
SECRET_CHARACTERS = 32
"""The least length of a secret; 32 characters cannot be guessed."""


class Group(BaseSettings):
    """Reads each field from the variable of the same name in upper case; empty is unset.

    A `SecretStr` may also be in the file that `NAME_FILE` names.
    """

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", hide_input_in_errors=True, env_ignore_empty=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment and nothing else."""
        return init_settings, EnvironmentSource(settings_cls)

    @field_validator("*", mode="before")
    @classmethod
    def _from_its_file(cls, value: object) -> object:
        return value.read() if isinstance(value, SecretFile) else value
