"""Runs a slicer on a clean STL."""
