"""Reads the formats that come in: content decides which, and nothing of it is trusted."""
