"""Whether the service can price."""
