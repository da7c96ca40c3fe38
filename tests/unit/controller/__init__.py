"""Tests of the central server's modules."""
