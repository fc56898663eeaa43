"""Fits the estimate: parts, labels by slicing, the fit, and the report of its errors."""
