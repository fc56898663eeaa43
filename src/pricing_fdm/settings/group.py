"""What all groups of settings have in common."""

from __future__ import annotations

from pydantic_settings import BaseSettings, SettingsConfigDict

MIB = 1024 * 1024
SECRET_CHARACTERS = 32
"""The fewest that a secret may have: nobody guesses 32."""


class Group(BaseSettings):
    """Reads each field from the variable of the same name in upper case; empty is unset."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", hide_input_in_errors=True, env_ignore_empty=True
    )
