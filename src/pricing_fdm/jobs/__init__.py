"""The queue mode: jobs in Redis, and the workers that do them."""
