"""Jobs over HTTP: submit one, read its status, listen until it ends."""
