"""Posts the end of a job to its caller: the body of `/status`, signed, through the guard.

The header `X-Pricing-FDM-Signature: t=<seconds>,v1=<hex>` holds an HMAC-SHA256 over
`<seconds>.<body>`. A receiver computes it again with the shared secret, compares in constant time,
and refuses a time that is more than five minutes off, so that an old message cannot be replayed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from http import HTTPStatus

import structlog

from pricing_fdm.errors import SourceError
from pricing_fdm.fetch.post import Poster
from pricing_fdm.jobs.record import Job
from pricing_fdm.telemetry import logs
from pricing_fdm.web.jobs.answers import status_body

SIGNATURE_HEADER = "X-Pricing-FDM-Signature"

_log = structlog.get_logger()


class SignedCallbacks:
    """Makes the callbacks of the workers.

    Args:
        secret: Shared with all receivers.
        clock: Seconds since 1970.
    """

    def __init__(self, poster: Poster, secret: str, clock: Callable[[], float] = time.time) -> None:
        self._poster = poster
        self._secret = secret.encode()
        self._clock = clock

    async def deliver(self, url: str, job: Job) -> bool:
        """Posts once; returns whether the receiver answered with 2xx."""
        body = json.dumps({"job_id": job.id, **status_body(job)}).encode()
        headers = {
            "Content-Type": "application/json",
            SIGNATURE_HEADER: signature(body, self._secret, int(self._clock())),
        }
        try:
            status = await self._poster.post(url, body, headers)
        except SourceError as error:
            _log.warning(
                logs.CALLBACK_FAILED, job_id=job.id, verdict=error.outcome, detail=error.log_detail
            )
            return False
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            _log.info(logs.CALLBACK_DELIVERED, job_id=job.id, status=status)
            return True
        _log.warning(logs.CALLBACK_FAILED, job_id=job.id, status=status)
        return False


def signature(body: bytes, secret: bytes, at_s: int) -> str:
    """The header's value for a body that is sent at `at_s` seconds since 1970."""
    mac = hmac.new(secret, b"%d.%b" % (at_s, body), hashlib.sha256)
    return f"t={at_s},v1={mac.hexdigest()}"
