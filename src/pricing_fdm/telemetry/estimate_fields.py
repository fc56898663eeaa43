"""The fields of log lines that describe an estimate; none of them says where the model is."""

from __future__ import annotations

from decimal import Decimal

from pricing_fdm.quoting.estimate_prices import Ends
from pricing_fdm.quoting.estimating import Estimate


def estimate_fields(estimate: Estimate) -> dict[str, object]:
    """What was estimated, and for which printer."""
    return {
        "model_sha256": estimate.download.sha256,
        "model_bytes": estimate.download.size_bytes,
        "triangles": estimate.part.triangles,
        "printer": estimate.printer.id,
        "profile_hash": estimate.basis.profile_hash,
        "currency": estimate.shop.currency,
        "needs_slice": estimate.reason,
    }


def price_fields(price: Ends[Decimal] | None) -> dict[str, str]:
    """The range of the total, where there is one."""
    return {"total_low": f"{price.low:f}", "total_high": f"{price.high:f}"} if price else {}
