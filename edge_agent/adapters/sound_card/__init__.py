"""Sound cards: ALSA, PulseAudio (and PipeWire through it), WAV files, and none at all."""
