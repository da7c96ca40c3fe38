"""Tests of the terminal's modules."""
