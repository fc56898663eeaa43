"""The slicer, its profiles and its limits."""

from __future__ import annotations

import math
import os
import tempfile
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

from pydantic import Field, ValidationInfo, field_validator

from pricing_fdm.sandbox.probe import SandboxChoice
from pricing_fdm.sandbox.process import Limits
from pricing_fdm.settings.group import MIB, Group
from pricing_fdm.slicers.registry import AUTO, NONE, fallback_choices, slicer_choices


class OrcaResult(StrEnum):
    """The values of `ORCA_RESULT`."""

    ARCHIVE = "3mf"
    GCODE = "gcode"


class OrcaDisplay(StrEnum):
    """The values of `ORCA_DISPLAY`."""

    NONE = "none"
    XVFB = "xvfb"


class Slicing(Group):
    """The slicer, its profiles and its limits."""

    slicer: str = Field(
        AUTO,
        description="`orca`, `prusa`, or `auto`: OrcaSlicer when it is there, else PrusaSlicer.",
    )
    slicer_fallback: str = Field(
        NONE,
        description="`none`, or `prusa`: a model that OrcaSlicer crashes at is tried with "
        "PrusaSlicer, and the quote says so. The figures of the two differ by several percent.",
    )
    orca_binary: str = Field("orca-slicer", description="OrcaSlicer: a name on PATH or a path.")
    prusa_binary: str = Field("prusa-slicer", description="PrusaSlicer: a name on PATH or a path.")
    sandbox: SandboxChoice = Field(
        SandboxChoice.AUTO,
        description="Sandbox of the slicer: `bwrap`, `landlock`, `none`; `auto`: the best that "
        "works here; `required`: the same, and not ready without one (docs/sandbox.md).",
    )
    orca_display: OrcaDisplay = Field(
        OrcaDisplay.NONE,
        description="`none`, or `xvfb`: one virtual display for OrcaSlicer. It needs none.",
    )
    orca_result: OrcaResult = Field(
        OrcaResult.ARCHIVE,
        description="`3mf`, or `gcode`: OrcaSlicer writes no 3MF and its G-code is read as it is; "
        "same figures, 8 % less time.",
    )
    slice_reproducible: bool = Field(
        default=False,
        description="`true`: PrusaSlicer slices on one core and gives the same figures each time, "
        "in up to twice the time. `false`: on all cores that are free; grams then differ by up to "
        "0.006 %, times by up to 0.2 %. OrcaSlicer gives the same figures on any number of cores.",
    )
    temp_dir: Path = Field(
        default_factory=lambda: Path(tempfile.gettempdir()),
        description="Where quotes work; each has a folder of its own there. Default: the "
        "system's temporary folder.",
    )
    max_triangles: int = Field(
        2_000_000, ge=4, le=20_000_000, description="Most triangles a model may have."
    )
    estimate_labels: Path | None = Field(
        None,
        description="File to which each slice of a part that was estimated before adds a line of "
        "features and figures, without geometry, for `pricing-fdm estimate train --labels`. Empty: "
        "none is kept.",
    )
    estimate_labels_mb: int = Field(
        64, ge=1, le=65_536, description="MiB that `ESTIMATE_LABELS` may grow to; a line has 15 kB."
    )
    model_read_timeout_secs: float = Field(
        30,
        gt=0,
        le=3600,
        description="Seconds, of the clock and of a core, until the reading of a model is ended "
        "(`model_invalid`).",
    )
    model_read_memory_mb: int = Field(
        1024,
        ge=512,
        le=1_048_576,
        description="Address space in MiB of a child that reads a model (`model_invalid`). "
        "Raise it with MAX_TRIANGLES.",
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

    @field_validator("temp_dir")
    @classmethod
    def _is_nobody_elses(cls, value: Path) -> Path:
        """Whoever owns the folder can replace what is in it; a missing one is told later."""
        for owner in {value.stat().st_uid, value.lstat().st_uid} if value.exists() else ():
            if owner not in {os.geteuid(), 0}:
                raise ValueError(f"{value} belongs to user {owner}; name a folder of your own")
        return value

    @field_validator("slicer", "slicer_fallback")
    @classmethod
    def _known_slicer(cls, value: str, info: ValidationInfo) -> str:
        choices = slicer_choices() if info.field_name == "slicer" else fallback_choices()
        if value not in choices:
            *others, last = map(repr, choices)
            raise ValueError(f"Input should be {', '.join(others)} or {last}")
        return value

    @field_validator("slicer_fallback")
    @classmethod
    def _another_slicer(cls, value: str, info: ValidationInfo) -> str:
        if value == info.data.get("slicer"):
            raise ValueError(f"must be another slicer than SLICER={value}")
        return value

    def limits(self) -> Limits:
        """The limits of a slice; its CPU time is at most the wall time on every core."""
        return Limits(
            wall_s=self.slice_timeout_secs,
            silence_s=self.slice_silence_secs or math.inf,
            cpu_s=math.ceil(self.slice_timeout_secs * (os.cpu_count() or 1)),
            memory_bytes=self.slice_memory_mb * MIB,
            file_size_bytes=self.slice_output_mb * MIB,
        )

    def read_limits(self) -> Limits:
        """The limits of a child that reads a model."""
        return replace(
            self.limits(),
            wall_s=self.model_read_timeout_secs,
            silence_s=math.inf,
            cpu_s=math.ceil(self.model_read_timeout_secs),
            memory_bytes=self.model_read_memory_mb * MIB,
        )

    def convert_limits(self) -> Limits:
        """The limits of the STEP converter: those of the slicer, with its own time limit."""
        return replace(
            self.limits(),
            wall_s=self.convert_timeout_secs,
            silence_s=math.inf,
            cpu_s=math.ceil(self.convert_timeout_secs) + 1,
        )
