"""Lays copies of parts out on the bed."""
