"""How many requests and jobs are accepted at once, and the settings of jobs."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from pricing_fdm.jobs.address import check_address
from pricing_fdm.settings.fault import SettingsError
from pricing_fdm.settings.group import MIB, SECRET_CHARACTERS, Group

if TYPE_CHECKING:
    from pricing_fdm.uploads.store import UploadStore

UPLOADS_FOLDER = "pricing-fdm-uploads"
"""In TEMP_DIR, where gateways and workers of one machine share it."""


class Queue(Group):
    """How many requests are accepted at once."""

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


class Jobs(Group):
    """Jobs, in Redis or in this process."""

    redis_url: SecretStr = Field(
        SecretStr(""),
        description="`redis://`, `rediss://` or `unix://` address of the Redis that holds the "
        "jobs. Empty: they are kept in this process and are lost with it.",
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
        description="Seconds for which a job can be asked for after it was submitted, begun, put "
        "back or ended.",
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
        description="Whether this process takes jobs in and slices nothing itself; the routes that "
        "price are then not found here, and no slicer is needed.",
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
        description="Seconds for which an upload is kept and can be priced again, from when it "
        "came and from the end of the last job that needed it.",
    )
    event_stream_places: int = Field(
        500,
        ge=1,
        le=100_000,
        description="Event streams open at once, each with a connection; more get `streams_full`.",
    )
    upload_places: int = Field(
        16,
        ge=1,
        le=10_000,
        description="Uploads received at once, each in at most 1 MiB of memory, or 11 with a "
        "remote store; more get `uploads_full`.",
    )
    upload_store_mb: int = Field(
        10_240,
        ge=1,
        le=1_073_741_824,
        description="MiB of all uploads in the store together; more get `store_full`. A folder "
        "takes half of the room on its disk at most.",
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

    @property
    def upload_store_bytes(self) -> int:
        """Largest size of all uploads together."""
        return self.upload_store_mb * MIB

    @property
    def address(self) -> str:
        """Address of the Redis of the jobs, perhaps with a password. Empty: there is none."""
        return self.redis_url.get_secret_value()

    def upload_store(self, folder: Path | Callable[[], Path]) -> UploadStore:
        """The store of uploads.

        Args:
            folder: Where it is when OBJECT_STORE_URL does not say; or what makes it.

        Raises:
            SettingsError: OBJECT_STORE_URL names no store, or its folder cannot be made.
        """
        from pricing_fdm.uploads.store import UploadStore  # noqa: PLC0415 - other commands need none

        def default() -> str:
            made = folder if isinstance(folder, Path) else folder()
            return made.absolute().as_uri()

        try:
            return UploadStore(
                self.object_store_url or (default() if isinstance(folder, Path) else default),
                ttl_s=self.upload_ttl_secs,
                max_bytes=self.upload_store_bytes,
            )
        except ValueError as error:
            raise SettingsError((f"OBJECT_STORE_URL: {error}",)) from error

    @field_validator("gateway_only")
    @classmethod
    def _has_a_queue(cls, value: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 - pydantic's
        redis_url = info.data.get("redis_url")
        if value and redis_url is not None and not redis_url.get_secret_value():
            raise ValueError("a gateway needs REDIS_URL")
        return value

    @field_validator("callback_secret")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < SECRET_CHARACTERS:
            raise ValueError(f"needs at least {SECRET_CHARACTERS} characters")
        return value

    @field_validator("redis_url")
    @classmethod
    def _address(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value():
            check_address(value.get_secret_value())
        return value

    @field_validator("object_store_url")
    @classmethod
    def _is_no_secret(cls, value: str) -> str:
        parts = urlsplit(value)
        if "@" in parts.netloc or parts.query:
            raise ValueError(
                "takes no credentials and no query; the variables of the store's own tools "
                "(AWS_..., GOOGLE_..., AZURE_...) hold them"
            )
        return value
