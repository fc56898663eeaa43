"""The dictionary from OrcaSlicer's keys to PrusaSlicer's, where the value changes on the way.

A row names PrusaSlicer's key and the converter. `BEYOND` is what PrusaSlicer must be told although
OrcaSlicer has no key for it, since it always or never does so. Keys marked 2.6 are ignored by older
PrusaSlicers.
"""

from __future__ import annotations

from collections.abc import Mapping

from pricing_fdm.slicers.prusa.values import (
    Convert,
    choice,
    end_gcode,
    gcode,
    line_width,
    nozzle_width,
    overhang_speed,
    percent_of,
    points,
    quoted_gcode,
    shrinkage,
)

# PrusaSlicer 2.5 counts machine limits in its estimate only for Marlin, and knows no Klipper. The
# G-code is measured and never printed, so every firmware may be called Marlin.
_FIRMWARE = choice({"klipper": "marlin2", "reprapfirmware": "marlin2"}, "marlin", "marlin2")

_SURFACE_PATTERN = choice(
    {"monotonicline": "monotoniclines"},
    "monotonic",
    "rectilinear",
    "alignedrectilinear",
    "concentric",
    "hilbertcurve",
    "archimedeanchords",
    "octagramspiral",
)

_SPARSE_PATTERN = choice(
    {"tri-hexagon": "stars"},
    "grid",
    "rectilinear",
    "alignedrectilinear",
    "line",
    "cubic",
    "adaptivecubic",
    "supportcubic",
    "triangles",
    "gyroid",
    "honeycomb",
    "3dhoneycomb",
    "lightning",
    "concentric",
    "hilbertcurve",
    "archimedeanchords",
    "octagramspiral",
)

CONVERTED: Mapping[str, tuple[str, Convert]] = {
    # Machine
    "printable_area": ("bed_shape", points),
    "gcode_flavor": ("gcode_flavor", _FIRMWARE),
    "emit_machine_limits_to_gcode": (
        "machine_limits_usage",
        choice({"1": "emit_to_gcode", "0": "time_estimate_only"}),
    ),
    "machine_start_gcode": ("start_gcode", gcode),
    "machine_end_gcode": ("end_gcode", end_gcode),
    "before_layer_change_gcode": ("before_layer_gcode", gcode),
    "layer_change_gcode": ("layer_gcode", gcode),
    "change_filament_gcode": ("toolchange_gcode", gcode),
    "machine_pause_gcode": ("pause_print_gcode", gcode),
    "printing_by_object_gcode": ("between_objects_gcode", gcode),
    "template_custom_gcode": ("template_custom_gcode", gcode),
    # Line widths
    "line_width": ("extrusion_width", line_width),
    "outer_wall_line_width": ("external_perimeter_extrusion_width", line_width),
    "inner_wall_line_width": ("perimeter_extrusion_width", line_width),
    "sparse_infill_line_width": ("infill_extrusion_width", line_width),
    "internal_solid_infill_line_width": ("solid_infill_extrusion_width", line_width),
    "top_surface_line_width": ("top_infill_extrusion_width", nozzle_width),
    "initial_layer_line_width": ("first_layer_extrusion_width", line_width),
    "support_line_width": ("support_material_extrusion_width", nozzle_width),
    # Walls, shells, infill
    "wall_generator": ("perimeter_generator", choice({}, "arachne", "classic")),
    "wall_sequence": (
        "external_perimeters_first",
        choice({"inner wall/outer wall": "0", "outer wall/inner wall": "1"}),
    ),
    "only_one_wall_top": ("top_one_perimeter_type", choice({"0": "none", "1": "top"})),  # 2.6
    "seam_position": (
        "seam_position",
        choice({"back": "rear"}, "aligned", "nearest", "random"),
    ),
    "ensure_vertical_shell_thickness": (
        "ensure_vertical_shell_thickness",
        choice({"none": "0", "ensure_all": "1"}),
    ),
    "top_surface_pattern": ("top_fill_pattern", _SURFACE_PATTERN),
    "bottom_surface_pattern": ("bottom_fill_pattern", _SURFACE_PATTERN),
    "sparse_infill_pattern": ("fill_pattern", _SPARSE_PATTERN),
    "infill_combination": ("infill_every_layers", choice({"0": "1"})),
    "gap_fill_target": (
        "gap_fill_enabled",
        choice({"nowhere": "0", "topbottom": "1", "everywhere": "1"}),
    ),
    "ironing_type": ("ironing", choice({"no ironing": "0"})),
    "fuzzy_skin": ("fuzzy_skin", choice({}, "none", "external", "all")),
    "slicing_mode": ("slicing_mode", choice({}, "regular", "even_odd", "close_holes")),
    "print_sequence": ("complete_objects", choice({"by layer": "0", "by object": "1"})),
    "enable_arc_fitting": ("arc_fitting", choice({"0": "disabled", "1": "emit_center"})),  # 2.6
    "seam_slope_type": ("scarf_seam_placement", choice({"none": "nowhere"})),  # 2.9
    # Speeds and accelerations that may be percentages
    "small_perimeter_speed": ("small_perimeter_speed", percent_of("outer_wall_speed")),
    "overhang_4_4_speed": ("overhang_speed_0", overhang_speed),  # 2.6: no overlap
    "overhang_3_4_speed": ("overhang_speed_1", overhang_speed),  # 2.6: a quarter of the line
    "overhang_2_4_speed": ("overhang_speed_2", overhang_speed),  # 2.6: half
    "overhang_1_4_speed": ("overhang_speed_3", overhang_speed),  # 2.6: three quarters
    "sparse_infill_acceleration": ("infill_acceleration", percent_of("default_acceleration")),
    "internal_solid_infill_acceleration": (
        "solid_infill_acceleration",  # 2.6
        percent_of("default_acceleration"),
    ),
    "bridge_acceleration": ("bridge_acceleration", percent_of("outer_wall_acceleration")),
    # Brim, support
    "brim_type": (
        "brim_type",
        choice({}, "no_brim", "outer_only", "inner_only", "outer_and_inner"),
    ),
    "draft_shield": ("draft_shield", choice({}, "disabled", "enabled")),
    "support_type": (
        "support_material_auto",
        choice({"normal(auto)": "1", "normal(manual)": "0"}),
    ),
    "support_style": (
        "support_material_style",
        choice({"default": "grid"}, "grid", "snug"),
    ),
    "support_base_pattern": (
        "support_material_pattern",
        choice({"default": "rectilinear"}, "rectilinear", "rectilinear-grid", "honeycomb"),
    ),
    "support_interface_pattern": (
        "support_material_interface_pattern",
        choice({}, "auto", "rectilinear", "concentric"),
    ),
    "independent_support_layer_height": (
        "support_material_synchronize_layers",
        choice({"1": "0", "0": "1"}),
    ),
    # Filament
    "filament_shrink": ("filament_shrinkage_compensation_xy", shrinkage),  # 2.8
    "filament_shrinkage_compensation_z": ("filament_shrinkage_compensation_z", shrinkage),  # 2.8
    "filament_start_gcode": ("start_filament_gcode", quoted_gcode),
    "filament_end_gcode": ("end_filament_gcode", quoted_gcode),
}

BEYOND: Mapping[str, str] = {
    "post_process": "",  # a program named here would run
    "thumbnails": "",
    "binary_gcode": "0",  # 2.7; the figures are read as text
    "remaining_times": "0",  # progress lines only make the file longer
    "silent_mode": "0",  # a second set of limits and a second estimate
    "resolution": "0",  # OrcaSlicer simplifies paths, not the mesh
    "extra_perimeters": "0",  # walls beyond wall_loops on slopes
    "infill_only_where_needed": "0",  # 2.5 only
    "automatic_infill_combination": "0",  # 2.9
    "over_bridge_speed": "0",  # 2.9
    "travel_ramping_lift": "0",  # 2.8
    "avoid_crossing_curled_overhangs": "0",  # 2.6
    "enable_dynamic_fan_speeds": "0",  # 2.6
    "max_volumetric_speed": "0",  # the filament's limit alone counts
    "max_volumetric_extrusion_rate_slope_positive": "0",
    "max_volumetric_extrusion_rate_slope_negative": "0",
    "solid_infill_every_layers": "0",
    "support_material_with_sheath": "0",
    "support_material_closing_radius": "2",  # of snug supports; OrcaSlicer has it built in
}
