"""Pure parts of the terminal."""
