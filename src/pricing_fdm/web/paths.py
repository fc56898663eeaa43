"""The paths of the routes, named once."""

QUOTE_PATH = "/internal/pricing/fdm/quote"
MATERIALS_PATH = "/internal/pricing/fdm/materials"
HEALTH_PATH = "/health"
READY_PATH = "/ready"
METRICS_PATH = "/metrics"
OPENAPI_PATH = "/openapi.json"
DOCS_PATH = "/docs"
