"""The attacks of `make attack`: which there are, and on what."""
