"""Recordings as sound."""
