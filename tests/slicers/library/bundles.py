"""A vendor's bundle, small enough to be read in a test."""

from __future__ import annotations

from pathlib import Path

from pricing_fdm.slicers.library.prusa import PrusaLibrary

BUNDLE = """\
[vendor]
name = Tiny
config_version = 1.2

[printer_model:T1]
name = Tiny one
default_materials = Tiny PLA; Tiny PETG

[printer:*common*]
printer_technology = FFF
printer_model = T1
bed_shape = 0x0,120x0,120x100,0x100
max_print_height = 90
nozzle_diameter = 0.4
max_layer_height = 0.3
min_layer_height = 0.05
machine_max_feedrate_x = 200
print_host = http://192.168.1.7
printhost_apikey = 0123456789

[printer:Tiny one]
inherits = *common*
default_print_profile = 0.20mm
default_filament_profile = "Tiny PLA"

[printer:Tiny one MMU]
inherits = *common*
single_extruder_multi_material = 1
nozzle_diameter = 0.4,0.4

[printer:Tiny delta]
inherits = *common*
bed_shape = 50x0,43x25,25x43,0x50,-25x43,-43x25,-50x0,-43x-25,-25x-43,0x-50,25x-43,43x-25,48x-12

[printer:Tiny hexagon]
inherits = *common*
bed_shape = 50x0,25x43,-25x43,-50x0,-25x-43,25x-43

[printer:Tiny resin]
inherits = *common*
printer_technology = SLA

[printer:Tiny broken]
inherits = *gone*

[print:*base*]
perimeters = 2
top_solid_layers = 4
bottom_solid_layers = 4
fill_density = 20%
extrusion_width = 0.45
post_process = /bin/send.sh
compatible_printers_condition = printer_model=="T1" and ! single_extruder_multi_material

[print:0.10mm]
inherits = *base*
layer_height = 0.1

[print:0.20mm]
inherits = *base*
layer_height = 0.2

[print:0.20mm SPEED]
inherits = *base*
layer_height = 0.2

[print:0.30mm multi]
inherits = *base*
layer_height = 0.3
compatible_printers_condition = single_extruder_multi_material

[filament:*any*]
filament_density = 1.24
filament_diameter = 1.75
filament_type = PLA
extrusion_multiplier = 1
temperature = 210
first_layer_temperature = 210

[filament:Generic PLA]
inherits = *any*

[filament:Tiny PLA]
inherits = *any*
filament_cost = 25

[filament:Tiny PETG @0.4]
inherits = *any*
filament_type = PETG
filament_density = 1.27

[filament:Tiny ABS]
inherits = *any*
filament_type = ABS
"""


def tiny_library(folder: Path, text: str = BUNDLE) -> PrusaLibrary:
    """The library of a folder."""
    (folder / "Tiny.ini").write_text(text)
    return PrusaLibrary(folder / "Tiny.ini")
