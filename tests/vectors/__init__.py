"""Messages of the protocol with the exact bytes that they are on the wire."""
