"""Presets out of files that a shop's owner has: read, flattened and made an offer of."""
