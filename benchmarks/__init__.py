"""Measures what a quote costs beyond its slice, and writes docs/performance.md (ADR 19)."""
