"""Whether a part can be printed without support in a pose: bridges, ledges, arches, islands."""
