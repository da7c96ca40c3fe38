"""The central server: decides what should sound, and proves what did."""
