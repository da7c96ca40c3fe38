"""Tests of what should sound when."""
