"""Remembers what was found out about a model, so that the same question is not sliced again."""
