"""What other modules know is read at each scrape: a copy would be old, a short peak lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from pricing_fdm import __version__
from pricing_fdm.errors import ModelUnsliceable, SlicerCrashed
from pricing_fdm.health.readiness import Check
from pricing_fdm.sandbox.bubblewrap import BubblewrapSandbox
from pricing_fdm.slicers.fallback import FallbackEngine
from tests.slicers.engines import misbehaving
from tests.telemetry.scraped import families, idle_state, service_metrics, values


def test_slices_and_those_who_wait_are_read_at_each_scrape() -> None:
    """A request is counted once: in the queue, or while its model is sliced."""

    async def run() -> list[tuple[float, float]]:
        state = idle_state()
        metrics, seen = service_metrics(state), []

        def look() -> None:
            [slices] = values(metrics, "pricing_fdm_slices_in_progress").values()
            [depth] = values(metrics, "pricing_fdm_queue_depth").values()
            seen.append((slices, depth))

        look()
        with state.admission.place():
            look()
            with await state.admission.take_slot():
                look()
        look()
        return seen

    assert asyncio.run(run()) == [(0, 0), (0, 1), (1, 0), (0, 0)]


def test_readiness_is_read_at_each_scrape() -> None:
    """An alert fires on 0."""
    state = idle_state()
    metrics = service_metrics(state)
    assert values(metrics, "pricing_fdm_ready") == {(): 1.0}
    state.readiness.set(Check("slicer", ok=False, detail="is gone"))
    assert values(metrics, "pricing_fdm_ready") == {(): 0.0}


def test_a_refusal_of_a_quarantined_file_is_counted() -> None:
    """Somebody repeats a model that crashes the slicer."""
    state = idle_state()
    metrics = service_metrics(state)
    for _ in range(2):
        with pytest.raises(SlicerCrashed), state.quarantine.watch("a"):
            raise SlicerCrashed("The slicer crashed.")
    assert values(metrics, "pricing_fdm_poison_refusals_total") == {(): 0.0}
    with pytest.raises(ModelUnsliceable):
        state.quarantine.raise_if_held("a")
    assert values(metrics, "pricing_fdm_poison_refusals_total") == {(): 1.0}


def test_lookups_of_the_cache_are_counted_by_result() -> None:
    """A hit rate is a quotient of two of them, so all are there from the start."""
    state = idle_state()
    metrics = service_metrics(state)
    results = {"hit", "shared", "refused", "miss", "corrupt", "unreachable"}
    assert values(metrics, "pricing_fdm_cache_total") == {(result,): 0.0 for result in results}
    state.results.count_slice(shared=False)
    assert values(metrics, "pricing_fdm_cache_total")["miss",] == 1.0


def test_what_escaped_from_the_slicer_and_was_ended_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The count itself is tested where orphans are ended."""
    metrics = service_metrics()
    monkeypatch.setattr("pricing_fdm.telemetry.state_metrics.orphans_reaped", lambda: 3)
    assert values(metrics, "pricing_fdm_strays_reaped_total") == {(): 3.0}


def test_engine_and_sandbox_are_labels_of_a_constant_one(tmp_path: Path) -> None:
    """So a change of the slicer can be drawn beside a change of the figures."""
    engine = misbehaving("prusa", tmp_path)
    state = replace(
        idle_state(engine), sandbox=BubblewrapSandbox(Path("/usr/bin/bwrap"), has_proc=True)
    )
    metrics = service_metrics(state)
    (info,) = [family for family in families(metrics) if family.name == "pricing_fdm_build_info"]
    labels = {"version": __version__, "slicer": "prusa", "slicer_version": engine.version}
    assert [(sample.labels, sample.value) for sample in info.samples] == [(labels, 1.0)]
    assert values(metrics, "pricing_fdm_sandbox_info") == {("bwrap",): 1.0}


def test_models_that_the_second_slicer_was_tried_with_are_counted(tmp_path: Path) -> None:
    """Without a second slicer it is 0; see `test_fallback` for when it rises."""
    engine = FallbackEngine(
        misbehaving("orca", tmp_path), misbehaving("prusa", tmp_path), total_s=10
    )
    metrics = service_metrics(idle_state(engine))
    engine.fallbacks = 2
    assert values(metrics, "pricing_fdm_slicer_fallbacks_total") == {(): 2.0}
    alone = service_metrics(idle_state(engine.first))
    assert values(alone, "pricing_fdm_slicer_fallbacks_total") == {(): 0.0}


def test_where_nothing_is_sliced_no_slicer_is_named() -> None:
    """A gateway; the names of its metrics are the same, so that dashboards fit."""
    metrics = service_metrics()
    assert values(metrics, "pricing_fdm_build_info") == {}
    assert values(metrics, "pricing_fdm_sandbox_info") == {}
    assert {"pricing_fdm_build_info", "pricing_fdm_sandbox_info"} <= {
        family.name for family in families(metrics)
    }
