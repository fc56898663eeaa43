"""What may be downloaded, and from where."""

from __future__ import annotations

from pydantic import Field, field_validator

from pricing_fdm.fetch.policy import FetchPolicy, parse_allowed_cidrs, parse_allowed_hosts
from pricing_fdm.settings.group import MIB, Group


class Fetch(Group):
    """What may be downloaded, and from where."""

    max_file_size_mb: int = Field(
        100, ge=1, le=1024, description="Largest model file in MiB; more is `model_too_large`."
    )
    request_timeout_secs: float = Field(
        60, gt=0, le=3600, description="Seconds that the download of a model may take in all."
    )
    fetch_allowed_hosts: str = Field(
        "",
        description="Comma-separated `host`, `.suffix` or `host:port`; an entry with a port opens "
        "that port. Empty: any public host.",
    )
    fetch_allowed_cidrs: str = Field(
        "",
        description="Comma-separated private ranges to open, none wider than /16; loopback only "
        "as single addresses, cloud metadata addresses never.",
    )
    fetch_allow_http: bool = Field(
        default=False, description="Whether `http://` is allowed beside `https://`."
    )

    @field_validator("fetch_allowed_hosts")
    @classmethod
    def _hosts(cls, value: str) -> str:
        parse_allowed_hosts(value)
        return value

    @field_validator("fetch_allowed_cidrs")
    @classmethod
    def _cidrs(cls, value: str) -> str:
        parse_allowed_cidrs(value)
        return value

    @property
    def max_bytes(self) -> int:
        """Largest model file in bytes."""
        return self.max_file_size_mb * MIB

    def policy(self) -> FetchPolicy:
        """The rules as the downloader takes them."""
        return FetchPolicy(
            allowed_hosts=parse_allowed_hosts(self.fetch_allowed_hosts),
            allowed_cidrs=parse_allowed_cidrs(self.fetch_allowed_cidrs),
            allow_http=self.fetch_allow_http,
        )
