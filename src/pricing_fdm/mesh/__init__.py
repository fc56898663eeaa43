"""Stage "inspect": judges the caller's mesh and writes it out again as a clean binary STL."""
