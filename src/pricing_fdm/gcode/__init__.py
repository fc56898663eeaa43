"""Reads the figures out of a finished slicer run."""
