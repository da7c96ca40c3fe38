"""The outside world of a terminal: one file per thing outside, none knows another."""
