"""Screens in a real Chromium."""
