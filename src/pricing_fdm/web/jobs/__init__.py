"""The queue mode over HTTP: hand a job in, ask how it stands, listen until it ends."""
