"""The sound path with real cards, files and libraries."""
