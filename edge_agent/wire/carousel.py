"""Blocks of renditions on the wire, and how a file is cut into them.

A block is not signed: its SHA-256 stands in the signed manifest, and the whole file's
SHA-256 in the signed rundown or order. Layout: rendition hash, 32 bytes | index, 4 bytes
big-endian | data.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from edge_agent.wire.errors import Refusal, WireError
from edge_agent.wire.state import Manifest

BLOCK_BYTES: Final = 32 * 1024
"""Size of blocks we cut; any size up to 64 KiB is read."""
MAX_BLOCK_BYTES: Final = 64 * 1024
_HEAD: Final = 36


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a rendition."""

    rendition: bytes
    index: int
    data: bytes


def write_block(block: Block) -> bytes:
    """Return the bytes of a block message."""
    return block.rendition + block.index.to_bytes(4, "big") + block.data


def read_block(payload: bytes) -> Block:
    """Read a block message. Raises WireError: malformed, too_large."""
    if len(payload) <= _HEAD:
        raise WireError(Refusal.MALFORMED, "no block")
    if len(payload) > _HEAD + MAX_BLOCK_BYTES:
        raise WireError(Refusal.TOO_LARGE, f"{len(payload)} bytes")
    return Block(payload[:32], int.from_bytes(payload[32:36], "big"), payload[_HEAD:])


def check_manifest(manifest: Manifest) -> None:
    """Refuse a manifest whose numbers do not fit together. Raises WireError inconsistent."""
    expected = -(-manifest.size // manifest.block_size)
    if len(manifest.blocks) != expected:
        raise WireError(Refusal.INCONSISTENT, f"{len(manifest.blocks)} blocks, not {expected}")


def block_length(manifest: Manifest, index: int) -> int:
    """Return how long block `index` must be, in bytes."""
    return min(manifest.block_size, manifest.size - index * manifest.block_size)


def block_fits(manifest: Manifest, block: Block) -> bool:
    """Tell whether a block is the one that the signed manifest lists at its place."""
    return (
        block.rendition == manifest.rendition
        and block.index < len(manifest.blocks)
        and len(block.data) == block_length(manifest, block.index)
        and hashlib.sha256(block.data).digest() == manifest.blocks[block.index]
    )
