"""Measures the sections of a part for the estimate."""
