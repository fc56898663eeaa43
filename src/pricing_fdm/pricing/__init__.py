"""Turns figures into money."""
