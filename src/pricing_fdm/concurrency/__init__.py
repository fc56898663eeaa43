"""Tasks: seen through to their end, and kept running."""
