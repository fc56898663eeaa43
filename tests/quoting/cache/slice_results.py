"""A slice result whose every field differs from its default."""

from __future__ import annotations

from decimal import Decimal

from pricing_fdm.model import EngineInfo, Metrics, Part, Pose, QuoteWarning, SliceResult


def slice_result(triangles: int = 12) -> SliceResult:
    """As a real one, with figures that a careless writer would round."""
    return SliceResult(
        part=Part(
            format="stl-binary",
            triangles=triangles,
            bodies=2,
            watertight=False,
            dimensions_mm=(20.000000000000004, 0.1, 1e-3),
            volume_mm3=8000.1 / 3,
            surface_mm2=2400.0,
            pose=Pose(((0.0, -1.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)), (0.1, 20.0, 1e-3)),
            outline=((100.0, 90.1), (100.1, 90.1), (100.1, 110.1)),
            overhang_share=0.25,
            warnings=(QuoteWarning("multiple_bodies", "The file holds 2 bodies."),),
        ),
        engine=EngineInfo("prusa", "2.5.0", "0123456789abcdef"),
        metrics=Metrics(
            print_time_s=Decimal(13139),
            filament_mm=Decimal("17033.1234567890123456789"),
            filament_g=Decimal("50.80999999999999999999"),
            volume_cm3=Decimal("40.97"),
            layers=200,
            support_g=Decimal("1.50"),
            warnings=(QuoteWarning("grams_derived", "Derived."),),
        ),
        warnings=(QuoteWarning("slicer_remark", "It floats."),),
    )
