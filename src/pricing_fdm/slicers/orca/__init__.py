"""OrcaSlicer."""
