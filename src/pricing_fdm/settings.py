"""The only reader of the environment.

One frozen group for each part of the service, so that a part is handed its own values and no
others. Variables carry no prefix but the two that ADR-010 names with one. Every fault of every
group is collected, so that an operator corrects a deployment once.
"""

from __future__ import annotations

import math
import os
import tempfile
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from pricing_fdm.fetch.policy import FetchPolicy, parse_allowed_cidrs, parse_allowed_hosts
from pricing_fdm.jobs.address import check_address
from pricing_fdm.model import Material
from pricing_fdm.pricing.price_models import (
    DEFAULT_RUSH_MULTIPLIERS,
    PriceModel,
    hourly_tariff,
)
from pricing_fdm.pricing.tariff import Tariff
from pricing_fdm.processes.cage_probe import SandboxChoice
from pricing_fdm.processes.process import Limits
from pricing_fdm.slicer.find import FallbackChoice, SlicerChoice
from pricing_fdm.telemetry.tracing import extra_is_installed

_MIB = 1024 * 1024
_TOKEN_CHARACTERS = 32


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


class OrcaDisplay(StrEnum):
    """The values of `ORCA_DISPLAY`."""

    NONE = "none"
    XVFB = "xvfb"


class Tracing(StrEnum):
    """The values of `TRACING`."""

    NONE = "none"
    OTLP = "otlp"


Money = Annotated[Decimal, Field(ge=0, le=1_000_000, allow_inf_nan=False)]


def _bundled_profiles() -> Path:
    """Beside the package in a wheel, at the top of a source checkout."""
    package = Path(__file__).parent
    packed = package / "profiles"
    return packed if packed.is_dir() else package.parent.parent / "profiles"


class _Group(BaseSettings):
    """Reads each field from the variable of the same name in upper case; empty is unset."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", hide_input_in_errors=True, env_ignore_empty=True
    )


class Server(_Group):
    """Where the service listens and what it says of itself."""

    pricing_fdm_host: str = Field("0.0.0.0", description="Address to listen on.")  # noqa: S104
    pricing_fdm_port: int = Field(8083, ge=0, le=65535, description="Port to listen on.")
    api_token: SecretStr = Field(
        SecretStr(""),
        description="Bearer token that callers must send; two, separated by a comma, during a "
        "rotation. At least 32 characters each. Empty: no authentication.",
    )
    metrics_port: int = Field(
        0,
        ge=0,
        le=65535,
        description="A port of their own for the metrics, without a token; `/metrics` is then "
        "not found on the other. 0: beside the other routes, behind the token if one is set.",
    )
    drain_pause_secs: float = Field(
        5, ge=0, le=300, description="Seconds from SIGTERM until no connection is accepted."
    )
    drain_grace_secs: float = Field(
        60, ge=0, le=3600, description="Seconds that running quotes then have to finish."
    )
    log_format: LogFormat = Field(LogFormat.JSON, description="`json`, or `console` for people.")
    log_level: LogLevel = Field(LogLevel.INFO, description="`debug`, `info`, `warning`, `error`.")
    tracing: Tracing = Field(
        Tracing.NONE,
        description="`none`, or `otlp`: each quote as a trace to an OpenTelemetry collector; "
        "needs the extra `otel`.",
    )

    @field_validator("api_token")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        tokens = value.get_secret_value()
        if tokens and any(len(token.strip()) < _TOKEN_CHARACTERS for token in tokens.split(",")):
            raise ValueError(f"each token needs at least {_TOKEN_CHARACTERS} characters")
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
        return tuple(part.strip() for part in self.api_token.get_secret_value().split(",") if part)


class Rates(_Group):
    """What printing costs."""

    price_model: PriceModel = Field(
        PriceModel.ADR010,
        description="`adr010`: material, machine and base fee times a margin; `hourly`: machine "
        "hours times factors, ending in 90 cents (ADR 14). The next eleven are for `adr010`.",
    )
    base_fee_usd: Money = Field(Decimal("5.00"), description="Set-up, quality check and packing.")
    machine_rate_usd_per_hour: Money = Field(
        Decimal("10.00"), description="Depreciation, power and labour of one printer hour."
    )
    margin_multiplier: Annotated[Decimal, Field(ge=1, le=100, allow_inf_nan=False)] = Field(
        Decimal("1.30"), description="The sum of all costs is multiplied by this."
    )
    material_pla_cost_per_g: Money = Field(Decimal("0.02"), description="USD for one gram of PLA.")
    material_abs_cost_per_g: Money = Field(Decimal("0.025"), description="The same for ABS.")
    material_petg_cost_per_g: Money = Field(Decimal("0.03"), description="The same for PETG.")
    material_abs_esd_cost_per_g: Money = Field(
        Decimal("0.035"), description="The same for ESD-safe ABS."
    )
    material_asa_cost_per_g: Money = Field(Decimal("0.028"), description="The same for ASA.")
    material_nylon_cost_per_g: Money = Field(Decimal("0.04"), description="The same for nylon.")
    material_pc_cost_per_g: Money = Field(
        Decimal("0.045"), description="The same for polycarbonate."
    )
    material_tpu_cost_per_g: Money = Field(Decimal("0.035"), description="The same for TPU.")

    hourly_rate_usd_per_hour: Money = Field(
        Decimal("3.00"),
        description="What an hour costs with `PRICE_MODEL=hourly`, everything included.",
    )
    rush_multiplier: Annotated[Decimal, Field(ge=1, le=100, allow_inf_nan=False)] | None = Field(
        None,
        description="The price of a rush order is multiplied by this. Default: 1.25 with `adr010`, "
        "1.20 with `hourly`.",
    )

    def tariff(self) -> Tariff:
        """The rates as pricing takes them."""
        rush = self.rush_multiplier
        if rush is None:
            rush = DEFAULT_RUSH_MULTIPLIERS[self.price_model]
        if self.price_model is PriceModel.HOURLY:
            return hourly_tariff(
                rate_usd_per_hour=self.hourly_rate_usd_per_hour, rush_multiplier=rush
            )
        return Tariff(
            rush_multiplier=rush,
            base_fee_usd=self.base_fee_usd,
            machine_rate_usd_per_hour=self.machine_rate_usd_per_hour,
            margin_multiplier=self.margin_multiplier,
            cost_usd_per_g={
                material: getattr(self, f"material_{material.name.lower()}_cost_per_g")
                for material in Material
            },
        )


class Fetch(_Group):
    """What may be downloaded, from where."""

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
        return self.max_file_size_mb * _MIB

    def policy(self) -> FetchPolicy:
        """The rules as the downloader takes them."""
        return FetchPolicy(
            allowed_hosts=parse_allowed_hosts(self.fetch_allowed_hosts),
            allowed_cidrs=parse_allowed_cidrs(self.fetch_allowed_cidrs),
            allow_http=self.fetch_allow_http,
        )


class Slicing(_Group):
    """Which slicer, with which profiles and limits."""

    slicer: SlicerChoice = Field(
        SlicerChoice.AUTO,
        description="`orca`, `prusa`, or `auto`: OrcaSlicer when it is there, else PrusaSlicer.",
    )
    slicer_fallback: FallbackChoice = Field(
        FallbackChoice.NONE,
        description="`none`, or `prusa`: a model that OrcaSlicer crashes at is tried with "
        "PrusaSlicer, and the quote says so. The figures of the two differ by several percent.",
    )
    orca_binary: str = Field("orca-slicer", description="OrcaSlicer: a name on PATH or a path.")
    prusa_binary: str = Field("prusa-slicer", description="PrusaSlicer: a name on PATH or a path.")
    orca_profiles_dir: Path = Field(
        default_factory=_bundled_profiles,
        description="Folder with the profiles and their `index.json`. Default: the bundled ones.",
    )
    sandbox: SandboxChoice = Field(
        SandboxChoice.AUTO,
        description="Cage of the slicer: `bwrap`, `landlock`, `none`; `auto`: the best that works "
        "here; `required`: the same, and not ready without one (docs/cage.md).",
    )
    orca_display: OrcaDisplay = Field(
        OrcaDisplay.NONE,
        description="`none`, or `xvfb`: one virtual display for OrcaSlicer. It needs none.",
    )
    temp_dir: Path = Field(
        default_factory=lambda: Path(tempfile.gettempdir()),
        description="Where quotes work; each has a folder of its own there. Default: the "
        "system's temporary folder.",
    )
    max_triangles: int = Field(
        2_000_000, ge=4, le=20_000_000, description="Most triangles a model may have."
    )
    convert_timeout_secs: float = Field(
        60,
        gt=0,
        le=3600,
        description="Seconds until the conversion of a STEP file is ended (`model_invalid`).",
    )
    slice_timeout_secs: float = Field(
        300, gt=0, le=86_400, description="Seconds until a slice is ended (`slicing_timeout`)."
    )
    slice_silence_secs: float = Field(
        240,
        ge=0,
        le=86_400,
        description="Seconds without a word of progress until a slice is taken for hung and ended "
        "(`slicing_timeout`). A good one may be silent for four fifths of its time. 0: never.",
    )
    slice_memory_mb: int = Field(
        4096, ge=256, le=1_048_576, description="Address space of the slicer in MiB."
    )
    slice_output_mb: int = Field(
        1024, ge=1, le=65_536, description="Largest file in MiB that the slicer may write."
    )
    poison_secs: float = Field(
        600,
        ge=0,
        le=86_400,
        description="Seconds for which a file that the slicer failed at twice is refused "
        "(`model_unsliceable`). 0: never.",
    )

    self_test_retry_secs: float = Field(
        10,
        gt=0,
        le=600,
        description="Seconds between a failed self-test and the next; after three the service "
        "ends with exit code 70.",
    )

    @field_validator("slicer_fallback")
    @classmethod
    def _another_slicer(cls, value: FallbackChoice, info: ValidationInfo) -> FallbackChoice:
        if value == info.data.get("slicer"):
            raise ValueError(f"must be another slicer than SLICER={value}")
        return value

    def limits(self) -> Limits:
        """The limits as the runner takes them; CPU time is bounded by time on every core."""
        return Limits(
            wall_s=self.slice_timeout_secs,
            silence_s=self.slice_silence_secs or math.inf,
            cpu_s=math.ceil(self.slice_timeout_secs * (os.cpu_count() or 1)),
            memory_bytes=self.slice_memory_mb * _MIB,
            file_size_bytes=self.slice_output_mb * _MIB,
        )

    def convert_limits(self) -> Limits:
        """The limits of the converter of STEP files: the slicer's, but for time."""
        return replace(
            self.limits(),
            wall_s=self.convert_timeout_secs,
            silence_s=math.inf,
            cpu_s=math.ceil(self.convert_timeout_secs) + 1,
        )


class Queue(_Group):
    """How much is taken on at once."""

    slice_concurrency: int = Field(
        default_factory=lambda: max(1, len(os.sched_getaffinity(0)) // 2),
        ge=1,
        le=256,
        description="Slices at once. Default: one per two cores, at least 1.",
    )
    queue_places: int | None = Field(
        None,
        ge=0,
        le=10_000,
        description="Requests admitted beyond those being sliced; more get `queue_full`. "
        "Default: twice `SLICE_CONCURRENCY`.",
    )
    queue_wait_secs: float = Field(
        10, gt=0, le=3600, description="Seconds to wait for a slicing slot (`queue_timeout`)."
    )

    @property
    def places(self) -> int:
        """Requests admitted beyond those being sliced."""
        return 2 * self.slice_concurrency if self.queue_places is None else self.queue_places


class Jobs(_Group):
    """The queue mode: jobs in Redis, done by workers."""

    redis_url: SecretStr = Field(
        SecretStr(""),
        description="`redis://`, `rediss://` or `unix://` address of the Redis that holds the "
        "jobs. Empty: no queue mode.",
    )
    queue_max_jobs: int = Field(
        1000,
        ge=1,
        le=1_000_000,
        description="Unfinished jobs in the queue; more get `queue_full`.",
    )
    result_ttl_secs: int = Field(
        86_400,
        ge=60,
        le=604_800,
        description="Seconds for which a job can be asked for after it was handed in, begun or "
        "ended.",
    )
    worker_lost_secs: float = Field(
        45,
        ge=1,
        le=3600,
        description="Seconds without a sign of life after which a worker's jobs go to others.",
    )
    job_retry_secs: float = Field(
        5,
        gt=0,
        le=600,
        description="Seconds until a job that failed for a passing reason is tried again; six "
        "times as many before the third and last try.",
    )

    gateway_only: bool = Field(
        default=False,
        description="Whether this process takes jobs in and slices nothing itself; the quote route "
        "is then not found here, and no slicer is needed.",
    )
    object_store_url: str = Field(
        "",
        description="Where uploads are kept: `file:///folder`, `s3://bucket/prefix`, `gs://...` or "
        "`az://...`; gateways and workers share it. Default: a folder in `TEMP_DIR`.",
    )
    upload_ttl_secs: int = Field(
        3600,
        ge=60,
        le=604_800,
        description="Seconds for which an upload is kept and can be priced again.",
    )
    upload_timeout_secs: float = Field(
        300, gt=0, le=86_400, description="Seconds that an upload may take in all."
    )
    callback_secret: SecretStr = Field(
        SecretStr(""),
        description="Signs the callbacks of jobs (HMAC-SHA256); at least 32 characters. Empty: "
        "`callback_url` is refused.",
    )

    callback_retry_secs: float = Field(
        10,
        gt=0,
        le=3600,
        description="Seconds until a callback that failed is made again; six times as many before "
        "the third and last try.",
    )

    @field_validator("callback_secret")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < _TOKEN_CHARACTERS:
            raise ValueError(f"needs at least {_TOKEN_CHARACTERS} characters")
        return value

    @field_validator("redis_url")
    @classmethod
    def _address(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value():
            check_address(value.get_secret_value())
        return value


@dataclass(frozen=True, slots=True)
class Settings:
    """All groups, read and valid."""

    server: Server
    rates: Rates
    fetch: Fetch
    slicing: Slicing
    queue: Queue
    jobs: Jobs


class SettingsError(Exception):
    """Some variables are wrong.

    Attributes:
        faults: One sentence for each, beginning with the variable's name.
    """

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def load_settings() -> Settings:
    """Reads the environment.

    Raises:
        SettingsError: One or more variables are wrong; all of them are named.
    """
    faults: list[str] = []
    groups = {name: _read(group, faults) for name, group in GROUPS.items()}
    if faults:
        raise SettingsError(tuple(faults))
    return Settings(**groups)


GROUPS: dict[str, type[_Group]] = {
    "server": Server,
    "rates": Rates,
    "fetch": Fetch,
    "slicing": Slicing,
    "queue": Queue,
    "jobs": Jobs,
}


def _read(group: type[_Group], faults: list[str]) -> Any:  # noqa: ANN401 - one of GROUPS
    try:
        return group()
    except ValidationError as error:
        # Never the value itself: it may be a secret.
        faults += [
            f"{str(fault['loc'][0]).upper()}: {fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors(include_url=False, include_input=False)
        ]
        return None
