"""Runs foreign programs, shut in and limited: those that read what a stranger has sent."""
