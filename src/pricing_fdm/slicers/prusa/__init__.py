"""PrusaSlicer."""
