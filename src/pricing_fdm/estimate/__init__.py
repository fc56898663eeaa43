"""What a print would take, without slicing it: sections, physics, small trees, an interval."""
