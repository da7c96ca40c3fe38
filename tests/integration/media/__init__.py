"""The media library with the real ffmpeg, PyAV and pydub."""
