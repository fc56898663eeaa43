"""Changes to a shop: made in a copy, tried there, reported, and only then put in place."""
