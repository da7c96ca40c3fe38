"""Tests of the controller's domain."""
