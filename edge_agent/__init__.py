"""The terminal's program: verify, store, decide, play."""
