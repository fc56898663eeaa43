from __future__ import annotations

import string

from pricing_fdm.fetch.verdict import Verdict


def test_every_verdict_is_a_plain_metric_label() -> None:
    """The values become label values; dashboards and alerts are written against them."""
    allowed = set(string.ascii_lowercase + string.digits + "_")
    assert all(allowed.issuperset(verdict.value) for verdict in Verdict)
    assert all(verdict.value == verdict.name.lower() for verdict in Verdict)
