"""Presets: the slicers' own settings of a printer, a quality and a material."""
