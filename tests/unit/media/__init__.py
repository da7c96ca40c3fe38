"""Tests of recordings as sound."""
