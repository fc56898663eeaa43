"""Jobs, in Redis or in this process, and the workers that do them."""
