"""The JSON of jobs: the fields of the original gateway, and those of the quote route.

A client of the original sends `download_url`, `material`, `infill`, `layer_height`, `rush`; one of
the synchronous route may send its own names here as well. Where both say the same thing they must
agree. What comes out holds the synchronous answer's body unchanged.
"""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, model_validator

from pricing_fdm.jobs.record import JobSource, JobState, SourceKind
from pricing_fdm.model import Complexity
from pricing_fdm.order_request import Infill, MaterialName, OrderRequest, shop_of, usual
from pricing_fdm.quoting.timing import Stage
from pricing_fdm.web.fields import Figure, FilePart, Url
from pricing_fdm.web.problem_schemas import Problem
from pricing_fdm.web.schemas import QuoteResponse

_UM_PER_MM = 1000
_USUAL_MATERIAL = "pla"
_SOURCES = ("download_url", "file_url", "upload_id")


class JobOptions(OrderRequest):
    """How to print it, how many, and whom to tell."""

    model_config = ConfigDict(
        frozen=False, json_schema_extra={"not": {"required": ["layer_thickness", "quality"]}}
    )

    default_layer_thickness: ClassVar[int | None] = 200

    material: MaterialName = _USUAL_MATERIAL
    infill: Infill = 15
    layer_height: float | None = Field(
        None,
        description="`layer_thickness` in mm, as the original gateway asked for it.",
    )
    callback_url: Url | None = Field(
        None, description="Is posted the status, signed, when the job has ended."
    )

    @model_validator(mode="before")
    @classmethod
    def _some_material(cls, given: object, info: ValidationInfo) -> object:
        """A shop without PLA has its first material in place of it."""
        shop = shop_of(info)
        if shop is None or not isinstance(given, dict):
            return given
        return {"material": usual(_USUAL_MATERIAL, [each.id for each in shop.materials]), **given}

    @model_validator(mode="after")
    def _one_layer_height(self, info: ValidationInfo) -> Self:
        if self.layer_height is None:
            return self
        named, shop = round(self.layer_height * _UM_PER_MM, 3), shop_of(info)
        if shop and named not in (offered := [each.layer_thickness for each in shop.qualities]):
            allowed = ", ".join(f"{each / _UM_PER_MM:g}" for each in dict.fromkeys(offered))
            raise ValueError(f"layer_height must be one of {allowed}")
        if "layer_thickness" in self.model_fields_set and self.layer_thickness != named:
            raise ValueError("layer_height and layer_thickness contradict each other")
        self.layer_thickness = int(named)
        return self


class QuoteJobRequest(JobOptions):
    """A job and where its model is: at a URL, or in an earlier upload."""

    download_url: Url | None = Field(
        None, description="Presigned http(s) URL of the model. This, or one of the next two."
    )
    file_url: Url | None = Field(
        None, description="The same under the name that the quote route has for it."
    )
    upload_id: str | None = Field(
        None,
        min_length=1,
        max_length=64,
        description="Of an upload, as `/v1/upload` answered it: prices the same file again.",
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if sum(getattr(self, name) is not None for name in _SOURCES) != 1:
            raise ValueError(f"exactly one of {', '.join(_SOURCES)} is needed")
        return self

    def source(self) -> JobSource:
        """Where the model is."""
        if self.upload_id is not None:
            return JobSource(SourceKind.UPLOAD, self.upload_id)
        return JobSource(SourceKind.URL, self.download_url or self.file_url or "")


class UploadForm(JobOptions):
    """A form with the model, and the options as text."""

    file: FilePart


class JobAccepted(BaseModel):
    """A job has been taken on."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "job_id": "2f0a9c1e-6f0b-4a55-9d0e-0c1f4b7a9a51",
                    "message": "The job is in the queue. Ask "
                    "/v1/status/2f0a9c1e-6f0b-4a55-9d0e-0c1f4b7a9a51 how it stands.",
                }
            ]
        }
    )

    job_id: str = Field(description="To ask for its status by.")
    message: str = Field(description="For people.")
    upload_id: str | None = Field(
        None, description="Names the file for further quotes; after an upload only."
    )


class JobSummary(BaseModel):
    """The quote in a few words, as the original gateway told it."""

    total_cost: Figure = Field(description="In the quote's `currency`.")
    print_time: str = Field(description="Of one part, such as `4h 15m`.")
    material: str = Field(description="In capitals.")
    complexity: Complexity = Field(description="By our own measure of shape and mesh.")
    layer_height: float = Field(description="In mm.")
    infill_percentage: int = Field(description="Percent.")


class JobData(BaseModel):
    """What came of a job."""

    summary: JobSummary | None = Field(None, description="When completed.")
    quote: QuoteResponse | None = Field(
        None, description="When completed: the body of the synchronous answer."
    )
    error: Problem | None = Field(None, description="When failed.")


class JobStatus(BaseModel):
    """How a job stands."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"status": "processing", "progress": 40, "stage": "slice"}]}
    )

    status: JobState = Field(description="`completed` and `failed` are final.")
    progress: int | None = Field(
        None, ge=0, le=100, description="Percent, never falling; while processing."
    )
    workers: int | None = Field(
        None,
        ge=0,
        description="How many workers take jobs now; while queued. With 0 the job waits until one "
        "is started.",
    )
    stage: Stage | None = Field(None, description="Which step is being done; while processing.")
    data: JobData | None = Field(None, description="When completed or failed.")
