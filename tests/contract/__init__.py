"""The same tests on the fake and on the real part."""
