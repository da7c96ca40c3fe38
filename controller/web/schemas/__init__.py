"""Bodies of the REST API: one source for reading, writing and the OpenAPI document."""
