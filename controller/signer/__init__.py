"""The only holder of keys; a process of its own."""
