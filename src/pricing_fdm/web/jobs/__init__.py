"""The queue mode over HTTP: submit a job, ask how it stands, listen until it ends."""
