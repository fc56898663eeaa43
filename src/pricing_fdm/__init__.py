"""pricing-fdm: prices a 3D-printed part by really slicing it."""

__version__ = "0.1.0"
