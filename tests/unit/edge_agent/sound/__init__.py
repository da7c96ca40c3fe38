"""The sound path of a terminal, from the recording to the card."""
