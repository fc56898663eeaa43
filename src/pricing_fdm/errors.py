"""Every way a quote can fail, as one small tree.

    PricingError
    ├── RequestError       the caller asked for something that is not on offer
    │   ├── InvalidRequest, BodyTooLarge, UnsupportedMediaType, Unauthorized,
    │   │   JobNotFound, JobCancelled, IdempotencyConflict, ShopVersionNotFound,
    │   │   ShopStoreMissing, ProfileNotFound
    │   │   └── ShopFaulty
    ├── SourceError        the model could not be downloaded
    │   ├── SourceRefused, DownloadFailed, SourceFailed, SourceTimeout
    ├── ModelError         the model was downloaded and cannot be priced
    │   ├── ModelTooLarge, ModelFormat, ModelInvalid, ModelExceedsBuildVolume, ModelUnsliceable
    ├── CapacityError      we are busy, full or shutting down; try again later
    │   ├── TooManyAttempts, ConnectionsFull, QueueFull, QueueTimeout, Draining,
    │   │   WorkspaceFull, UploadsFull, StoreFull, StoreUnavailable, StreamsFull, QueueUnavailable
    └── SlicingError       the slicer or we failed
        ├── SlicerCrashed, SlicingTimeout, ResultIncomplete, InternalError

Each error has two texts: `detail` may be shown to the caller, `log_detail` is for the operator only
(a refused address, the slicer's last lines). Neither ever holds a presigned URL. HTTP status codes
are unknown here; `web/problems.py` maps the classes to them.

The module is long because it is one table: a class for each code, with its title and one sentence.
Whoever adds a code finds all others beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One wrong field of a request and what would be right."""

    field: str
    message: str


class PricingError(Exception):
    """Base of all expected failures.

    Args:
        detail: What failed and how to correct it, safe to show to the caller.
        log_detail: More for the operator; never shown to the caller.
    """

    code: ClassVar[str]
    title: ClassVar[str]
    retryable: ClassVar[bool] = False

    def __init__(self, detail: str, *, log_detail: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.log_detail = log_detail


class RequestError(PricingError):
    """The request itself is wrong."""


class InvalidRequest(RequestError):
    """The body or one of its fields is wrong; `faults` names each."""

    code = "invalid_request"
    title = "The request is not valid"

    def __init__(self, detail: str, faults: tuple[FieldFault, ...] = ()) -> None:
        super().__init__(detail)
        self.faults = faults


class ShopFaulty(InvalidRequest):
    """The shop's files are faulty, so they are not put in force."""

    code = "shop_faulty"
    title = "The shop is faulty"


class BodyTooLarge(RequestError):
    """The request body is longer than we read."""

    code = "body_too_large"
    title = "The request body is too large"


class UnsupportedMediaType(RequestError):
    """The request body has a type, or a coding, that the route does not take."""

    code = "unsupported_media_type"
    title = "The media type of the body is not supported"


class Unauthorized(RequestError):
    """A token is configured, and the request carries none or a wrong one."""

    code = "unauthorized"
    title = "A valid bearer token is required"


class IdempotencyConflict(RequestError):
    """The request carries an idempotency key that was used for another request."""

    code = "idempotency_conflict"
    title = "The idempotency key belongs to another request"


class JobNotFound(RequestError):
    """No job has this id, or its result has expired."""

    code = "job_not_found"
    title = "There is no such job"


class JobCancelled(RequestError):
    """The job was cancelled by its caller before it had ended; this is its problem from then on."""

    code = "job_cancelled"
    title = "The job was cancelled"


class ShopVersionNotFound(RequestError):
    """No stored version of the shop has this name."""

    code = "shop_version_not_found"
    title = "There is no such version of the shop"


class ProfileNotFound(RequestError):
    """No profile of this name was taken in."""

    code = "profile_not_found"
    title = "There is no such profile"


class ShopStoreMissing(RequestError):
    """Versions of the shop cannot be kept: the shop is the bundled one, or cannot be written."""

    code = "shop_store_missing"
    title = "There is no place for versions of the shop"


class SourceError(PricingError):
    """The model could not be downloaded.

    Args:
        outcome: Why, as one word of the closed set in `fetch/outcomes.py`; for log and metric.
    """

    def __init__(
        self, detail: str, *, outcome: str = "unknown", log_detail: str | None = None
    ) -> None:
        super().__init__(detail, log_detail=log_detail)
        self.outcome = outcome


class SourceRefused(SourceError):
    """Policy forbids this URL: scheme, host, port, address or a redirect."""

    code = "source_refused"
    title = "The file URL is not allowed"


class DownloadFailed(SourceError):
    """The origin answered 4xx, its name does not resolve, or it does not answer."""

    code = "download_failed"
    title = "The model could not be downloaded"


class SourceFailed(SourceError):
    """The origin answered 5xx or broke the transfer off."""

    code = "source_failed"
    title = "The origin of the model failed"
    retryable = True


class SourceTimeout(SourceError):
    """The origin was too slow."""

    code = "source_timeout"
    title = "The origin of the model is too slow"
    retryable = True


class ModelError(PricingError):
    """The model was read and cannot be priced."""


class ModelTooLarge(ModelError):
    """More bytes than MAX_FILE_SIZE_MB.

    Args:
        outcome: As in `SourceError`.
    """

    code = "model_too_large"
    title = "The model file is too large"

    def __init__(
        self, detail: str, *, outcome: str = "unknown", log_detail: str | None = None
    ) -> None:
        super().__init__(detail, log_detail=log_detail)
        self.outcome = outcome


class ModelFormat(ModelError):
    """The file is no model in a format that we read."""

    code = "model_format"
    title = "The file is not a model in a format we read"


class ModelInvalid(ModelError):
    """A model, but unusable: empty, NaN, no volume, truncated, open, too many triangles.

    Args:
        places: Points of the file that it is about, where they are known.
    """

    code = "model_invalid"
    title = "The model is not usable"

    def __init__(
        self,
        detail: str,
        *,
        log_detail: str | None = None,
        places: tuple[tuple[float, float, float], ...] = (),
    ) -> None:
        super().__init__(detail, log_detail=log_detail)
        self.places = places


class ModelExceedsBuildVolume(ModelError):
    """The part does not fit the printer."""

    code = "model_exceeds_build_volume"
    title = "The part is larger than the printer"


class ModelUnsliceable(ModelError):
    """The slicer refuses the model."""

    code = "model_unsliceable"
    title = "The model cannot be sliced"


class CapacityError(PricingError):
    """We cannot take this request now; the same request may work after `retry_after_s`."""

    retryable = True

    def __init__(
        self, detail: str, *, retry_after_s: int = 1, log_detail: str | None = None
    ) -> None:
        super().__init__(detail, log_detail=log_detail)
        self.retry_after_s = retry_after_s


class TooManyAttempts(CapacityError):
    """One peer has sent too many wrong tokens."""

    code = "rate_limited"
    title = "Too many wrong tokens"


class ConnectionsFull(CapacityError):
    """As many connections are open as there may be."""

    code = "connections_full"
    title = "All connections are taken"


class QueueFull(CapacityError):
    """All places are taken."""

    code = "queue_full"
    title = "All places are taken"


class QueueTimeout(CapacityError):
    """No slicing slot became free in time."""

    code = "queue_timeout"
    title = "No slicing slot became free in time"


class Draining(CapacityError):
    """The service is shutting down."""

    code = "draining"
    title = "The service is shutting down"


class WorkspaceFull(CapacityError):
    """The disk that slices work on is full."""

    code = "workspace_full"
    title = "The working disk is full"


class UploadsFull(CapacityError):
    """As many uploads are being received as there are places."""

    code = "uploads_full"
    title = "All places for uploads are taken"


class StoreFull(CapacityError):
    """The store of uploads holds as much as it may."""

    code = "store_full"
    title = "The store of uploads is full"


class StreamsFull(CapacityError):
    """As many event streams are open as there are places."""

    code = "streams_full"
    title = "All places for event streams are taken"


class StoreUnavailable(CapacityError):
    """The store of uploads, or that of the shop's versions, does not answer."""

    code = "store_unavailable"
    title = "The store does not answer"


class QueueUnavailable(CapacityError):
    """Redis does not answer."""

    code = "queue_unavailable"
    title = "The queue does not answer"


class SlicingError(PricingError):
    """The slicer or the service failed; the model may be good."""


class SlicerCrashed(SlicingError):
    """The slicer ended by a signal or with an error that is not the model's fault."""

    code = "slicer_crashed"
    title = "The slicer crashed"
    retryable = True


class SlicingTimeout(SlicingError):
    """The slicer did not finish in time and was killed."""

    code = "slicing_timeout"
    title = "Slicing took too long"


class ResultIncomplete(SlicingError):
    """The slicer finished, but a figure is missing or contradicts what was asked."""

    code = "result_incomplete"
    title = "The slicer's result is incomplete"


class InternalError(SlicingError):
    """A fault of the service itself."""

    code = "internal_error"
    title = "Internal error"
    retryable = True
