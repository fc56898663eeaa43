"""The queue mode over HTTP: submit a job, read its status, listen until it ends."""
