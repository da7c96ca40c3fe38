"""Several parts joined, with real programs."""
