"""How much of a core an estimate takes once the file is read, by the number of triangles."""

from __future__ import annotations

import time

import numpy as np
from manifold3d import Manifold

from pricing_fdm.estimate.predict import predict
from pricing_fdm.estimate.preset_figures import PresetFigures, section_plan
from pricing_fdm.mesh.sectioning.measure import measure
from pricing_fdm.mesh.triangles import Mesh
from pricing_fdm.model import Supports
from pricing_fdm.training.generator import generated_parts, mesh_of
from pricing_fdm.training.model_folder import Fitted

_SIZES = (10_000, 100_000, 1_000_000)
_RUNS = 20


def latency_table(fitted: Fitted) -> str:
    """Median and 95th percentile of sections and prediction together; others do not count."""
    figures = fitted.labels[0].row.figures
    lines = ["| triangles | median, of a core | p95 |", "| ---: | ---: | ---: |"]
    for size in _SIZES:
        mesh = _mesh(size)
        times_ms = [_once_ms(mesh, figures, fitted) for _ in range(_RUNS)]
        median, slow = np.quantile(times_ms, [0.5, 0.95])
        lines.append(f"| {len(mesh.faces):,} | {median:.0f} ms | {slow:.0f} ms |")
    return "\n".join(lines)


def _mesh(size: int) -> Mesh:
    """A bracket with ever smaller triangles."""
    part: Manifold = next(each.solid for each in generated_parts(8) if each.kind == "bracket")
    return mesh_of(part.refine(max(1, round((size / part.num_tri()) ** 0.5))))


def _once_ms(mesh: Mesh, figures: PresetFigures, fitted: Fitted) -> float:
    start = time.process_time()
    sections = measure(mesh, section_plan(figures, Supports.AUTO), needs_support=True)
    profile_hash = fitted.model.profile_hashes[0]
    predict(sections, figures, fitted.model, profile_hash=profile_hash)
    return (time.process_time() - start) * 1000
