"""The libraries of presets that slicers are installed with."""
