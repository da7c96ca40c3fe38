"""Controller and terminals over real brokers."""
