"""The same figures come out of the presets of either slicer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pricing_fdm.estimate.preset_figures import PresetFigures, preset_figures, section_plan
from pricing_fdm.model import PrintQuality, PrintSettings, Supports
from pricing_fdm.settings.shop import bundled_shop_folder
from pricing_fdm.shop.load import load_shop
from pricing_fdm.slicers.presets.loaded_shop import load_presets

SETTINGS = PrintSettings("pla", 20, PrintQuality("standard", 200))

PRUSA = {
    "layer_height": "0.2",
    "first_layer_height": "150%",
    "perimeters": "2",
    "top_solid_layers": "5",
    "extrusion_width": "0.45",
    "perimeter_extrusion_width": "0",
    "external_perimeter_extrusion_width": "220%",
    "nozzle_diameter": "0.4,0.6",
    "perimeter_speed": "60",
    "external_perimeter_speed": "50%",
    "infill_speed": "80",
    "solid_infill_speed": "20",
    "filament_max_volumetric_speed": "0",
    "extrusion_multiplier": "0.95",
    "filament_density": "1.27",
    "machine_max_acceleration_extruding": "1250,1250",
    "perimeter_acceleration": "800",
    "infill_acceleration": "3000",
    "cooling": "0",
    "slowdown_below_layer_time": "15",
}


def bundled(settings: PrintSettings = SETTINGS) -> PresetFigures:
    """The figures of the bundled presets."""
    presets = load_presets(load_shop(bundled_shop_folder())).printers[0]
    chosen = presets.chosen(settings.quality.id, settings.material)
    values = {key: value for each in chosen.all for key, value in each.values.items()}
    return preset_figures(values, settings)


def test_bundled_presets_of_orcaslicer_are_read() -> None:
    """Each figure comes from its own key."""
    figures = bundled()
    assert (figures.layer_height, figures.walls, figures.top_layers) == (0.2, 3, 4)
    assert (figures.outer_width, figures.inner_width) == (0.42, 0.45)
    assert (figures.outer_speed, figures.inner_speed, figures.sparse_speed) == (60, 90, 180)
    assert (figures.outer_acceleration, figures.infill_acceleration) == (1500, 2500)
    assert (figures.flow_cap_mm3_s, figures.flow_ratio, figures.density) == (12, 0.98, 1.24)
    assert (figures.infill_share, figures.min_layer_s, figures.lift) == (0.2, 4, 0.2)


def test_presets_of_prusaslicer_are_read() -> None:
    """Its keys, its percentages, its lists; 0 leaves a figure to the slicer."""
    figures = preset_figures(PRUSA, SETTINGS)
    assert (figures.walls, figures.top_layers) == (2, 5)
    assert figures.outer_width == pytest.approx(0.44)
    assert figures.inner_width == 0.45
    assert figures.outer_speed == 30
    assert figures.first_layer_height == pytest.approx(0.3)
    assert (figures.outer_acceleration, figures.inner_acceleration) == (1250, 800)
    assert figures.infill_acceleration == 1250
    assert figures.flow_cap_mm3_s > 100
    assert figures.min_layer_s == 0


def test_what_a_request_changes_is_in_the_figures() -> None:
    """Infill has a field of its own; other settings have the slicer's keys."""
    changed = bundled(replace(SETTINGS, infill_percent=60, overrides=(("wall_loops", "5"),)))
    assert (changed.infill_share, changed.walls) == (0.6, 5)


def test_a_plan_follows_shells_and_supports() -> None:
    """Walls lie side by side and overlap a little; support is as the request says."""
    figures = bundled()
    plan = section_plan(figures, Supports.AUTO)
    assert plan.wall_mm == pytest.approx(1.2, abs=0.05)
    assert (plan.top_mm, plan.bottom_mm) == pytest.approx((0.8, 0.6))
    assert (plan.support_angle_degrees, plan.support_if_needed) == (30, True)
    assert section_plan(figures, Supports.NEVER).support_angle_degrees == 0
    always = section_plan(figures, Supports.ALWAYS)
    assert (always.support_angle_degrees, always.support_bridges) == (89, True)
    assert section_plan(replace(figures, walls=0.0), Supports.AUTO).wall_mm == 0
