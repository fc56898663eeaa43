"""Runs the programs that read uploaded files, in a sandbox and with limits."""
