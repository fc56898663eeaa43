"""The HTTP edge: routes, schemas, problem documents, server."""
