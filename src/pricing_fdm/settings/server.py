"""Where the service listens, who may call it, and what it logs."""

from __future__ import annotations

import ipaddress
from enum import StrEnum
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from pricing_fdm.settings.group import SECRET_CHARACTERS, Group
from pricing_fdm.settings.port import DEFAULT_PORT
from pricing_fdm.settings.unknown import is_service_address
from pricing_fdm.telemetry.tracing import extra_is_installed


class LogFormat(StrEnum):
    """The values of `LOG_FORMAT`."""

    JSON = "json"
    CONSOLE = "console"


class LogLevel(StrEnum):
    """The values of `LOG_LEVEL`."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Tracing(StrEnum):
    """The values of `TRACING`."""

    NONE = "none"
    OTLP = "otlp"


class Server(Group):
    """Where the service listens, who may call it, and what it logs."""

    pricing_fdm_host: str = Field("0.0.0.0", description="Address to listen on.")  # noqa: S104
    pricing_fdm_port: int = Field(DEFAULT_PORT, ge=0, le=65535, description="Port to listen on.")
    api_token: SecretStr = Field(
        SecretStr(""),
        description="Bearer token that callers must send; two, separated by a comma, during a "
        "rotation. At least 32 characters each. Empty: no authentication.",
    )
    cors_allowed_origins: str = Field(
        "",
        description="Comma-separated origins such as `https://shop.example` whose pages may call "
        "the service from a browser; `*`: all. Empty: only its own page.",
    )
    admin_token: SecretStr = Field(
        SecretStr(""),
        description="Bearer token for the admin routes, as long as `API_TOKEN`. Empty: they are "
        "not there.",
    )
    metrics_port: int = Field(
        0,
        ge=0,
        le=65535,
        description="A port of their own for the metrics, without a token; `/metrics` is then "
        "not found on the other. 0: beside the other routes, behind the token if one is set.",
    )
    max_connections: int = Field(
        512,
        ge=8,
        le=100_000,
        description="Most connections at once, and at most half of the descriptors that the "
        "process may open. Beyond them the one that has waited longest for a request is closed; "
        "where all are in the middle of one, the newest is refused (`connections_full`).",
    )
    drain_pause_secs: float = Field(
        5, ge=0, le=300, description="Seconds from SIGTERM until no connection is accepted."
    )
    drain_grace_secs: float = Field(
        60, ge=0, le=3600, description="Seconds that running requests and jobs then have to finish."
    )
    log_format: LogFormat = Field(LogFormat.JSON, description="`json`, or `console` for people.")
    log_level: LogLevel = Field(LogLevel.INFO, description="`debug`, `info`, `warning`, `error`.")
    tracing: Tracing = Field(
        Tracing.NONE,
        description="`none`, or `otlp`: each quote as a trace to an OpenTelemetry collector; "
        "needs the extra `otel`.",
    )

    @field_validator("pricing_fdm_port", "metrics_port", mode="before")
    @classmethod
    def _is_ours(cls, value: object) -> object:
        if is_service_address(value):
            raise ValueError(
                "Kubernetes or Docker has set it for a service of that name; give the pod "
                "`enableServiceLinks: false`, or set the port yourself"
            )
        return value

    @field_validator("api_token", "admin_token")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        tokens = value.get_secret_value()
        if tokens and any(len(token.strip()) < SECRET_CHARACTERS for token in tokens.split(",")):
            raise ValueError(f"each token needs at least {SECRET_CHARACTERS} characters")
        return value

    @field_validator("cors_allowed_origins")
    @classmethod
    def _origins(cls, value: str) -> str:
        for origin in _entries(value):
            parts = urlsplit(origin)
            whole = f"{parts.scheme}://{parts.netloc}"
            named = parts.scheme in {"http", "https"} and bool(parts.hostname)
            if origin != "*" and not (named and origin == whole.lower()):
                raise ValueError(
                    "each must be `*` or scheme, host and port, as https://shop.example"
                )
        return value

    @field_validator("tracing")
    @classmethod
    def _installed(cls, value: Tracing) -> Tracing:
        if value is Tracing.OTLP and not extra_is_installed():
            raise ValueError("`otlp` needs the extra `otel`: pip install 'pricing-fdm[otel]'")
        return value

    @property
    def tokens(self) -> tuple[str, ...]:
        """The valid bearer tokens; none when authentication is off."""
        return _tokens(self.api_token)

    @property
    def admin_tokens(self) -> tuple[str, ...]:
        """Those for the admin routes; none when the routes are not there."""
        return _tokens(self.admin_token)

    @property
    def origins(self) -> tuple[str, ...]:
        """Whose pages may call; none when only our own may."""
        return _entries(self.cors_allowed_origins)

    @property
    def caution(self) -> str | None:
        """A warning when other machines can use the service without a token; None otherwise."""
        if self.tokens or _is_loopback(self.pricing_fdm_host):
            return None
        return (
            f"no API_TOKEN is set, and other machines can reach {self.pricing_fdm_host}: whoever "
            "does can ask for quotes. Set API_TOKEN or API_TOKEN_FILE, or listen on 127.0.0.1 only"
        )


def _entries(text: str) -> tuple[str, ...]:
    return tuple(entry.strip() for entry in text.split(",") if entry.strip())


def _tokens(secret: SecretStr) -> tuple[str, ...]:
    return tuple(part.strip() for part in secret.get_secret_value().split(",") if part)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
