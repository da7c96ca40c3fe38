"""A bench without a sound card: a private PulseAudio whose two halves are recorded by one clock."""
