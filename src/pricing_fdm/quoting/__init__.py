"""The flow of a quote."""
