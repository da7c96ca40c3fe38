"""One rendition that arrives in blocks, in any order, with gaps."""

from typing import Final

from edge_agent.wire.carousel import Block, block_fits
from edge_agent.wire.reports import BlockRange
from edge_agent.wire.state import Manifest

MAX_RANGES: Final = 64
"""Most gaps named in one request; the rest is asked for when these are filled."""


class Assembly:
    """Which blocks of a manifest are here."""

    def __init__(self, manifest: Manifest) -> None:
        """Begin with none."""
        self.manifest = manifest
        self._held = bytearray(len(manifest.blocks))

    @property
    def complete(self) -> bool:
        """Whether every block is here."""
        return all(self._held)

    @property
    def held(self) -> int:
        """How many blocks are here."""
        return sum(self._held)

    def take(self, block: Block) -> bool:
        """Tell whether a block is the one that the manifest lists, and is missing."""
        wanted = block.index < len(self._held) and not self._held[block.index]
        return wanted and block_fits(self.manifest, block)

    def holds(self, index: int) -> bool:
        """Whether a block is here already."""
        return index < len(self._held) and bool(self._held[index])

    def mark(self, index: int) -> None:
        """A block is on disk."""
        self._held[index] = 1

    def missing(self) -> tuple[BlockRange, ...]:
        """The gaps, first ones first, at most `MAX_RANGES` of them."""
        ranges: list[BlockRange] = []
        at = self._held.find(0)
        while at >= 0 and len(ranges) < MAX_RANGES:
            end = self._held.find(1, at)
            end = len(self._held) if end < 0 else end
            ranges.append(BlockRange(first=at, end=end))
            at = self._held.find(0, end)
        return tuple(ranges)
