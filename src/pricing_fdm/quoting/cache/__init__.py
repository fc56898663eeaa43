"""The result cache: the same part is not sliced twice with the same settings."""
