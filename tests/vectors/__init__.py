"""Bytes of the protocol, good and damaged."""
