"""The fields of log lines that describe an estimate; none of them says where the model is."""

from __future__ import annotations

from pricing_fdm.quoting.estimating import Estimate


def estimate_fields(estimate: Estimate) -> dict[str, object]:
    """What an estimate says, and of which model; no price of it binds."""
    fields: dict[str, object] = {
        "model_sha256": estimate.download.sha256,
        "model_bytes": estimate.download.size_bytes,
        "triangles": estimate.part.triangles,
        "printer": estimate.printer.id,
        "profile_hash": estimate.basis.profile_hash,
        "currency": estimate.shop.currency,
        "needs_slice": estimate.reason,
    }
    if estimate.figures is not None:
        low, high = estimate.figures.low, estimate.figures.high
        fields |= {"total_low": f"{low.price.total:f}", "total_high": f"{high.price.total:f}"}
    return fields
