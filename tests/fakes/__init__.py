"""Working stand-ins for ports."""
