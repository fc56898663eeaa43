"""Reads and judges models in a sandboxed child, one fresh child for each."""
