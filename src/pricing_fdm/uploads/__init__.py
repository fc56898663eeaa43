"""Keeps the models that callers send in the request itself."""
