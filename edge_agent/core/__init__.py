"""Pure state machines of a terminal: no input or output, no clock of their own."""
