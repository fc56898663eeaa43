"""Imports presets from files of a shop's owner: read, flattened, and made into an offer."""
