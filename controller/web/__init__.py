"""REST API, live events and the built screens."""
