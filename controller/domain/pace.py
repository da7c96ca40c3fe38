"""How fast blocks of recordings go out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast blocks go out, in bytes and seconds.

    first_bytes_s, most_bytes_s, least_bytes_s: to one terminal, before anything is known of
    its link, and between which bounds it is adapted. all_bytes_s: counted once for each
    terminal that a block is for, since the broker's way out is what gets crowded.
    first_window: what may be on its way before a terminal's first word; terminals speak after
    16 blocks.
    """

    first_bytes_s: float = 512_000.0
    most_bytes_s: float = 4_000_000.0
    least_bytes_s: float = 4_000.0
    all_bytes_s: float = 125_000_000.0
    first_window: float = 20 * 32_768
    least_window: float = 2 * 32_768
    most_window: float = 64 * 32_768
