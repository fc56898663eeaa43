"""Chooses which side of a part lies down."""
