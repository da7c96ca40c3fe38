"""Sound as services see it: uploads on their way in, and the library that makes renditions.

media.upload_store.UploadStore and media.library.Library are what really runs. All methods
raise media.errors.MediaError.
"""

from pathlib import Path
from typing import Protocol

from media.asset import Ingested
from media.audio import Sha256
from media.library import Progress
from media.ports import Envelope
from media.upload_store import UploadId


class Uploads(Protocol):
    """Files that grow piece by piece."""

    async def begin(self, upload: UploadId) -> None:
        """Begin an upload; beginning it again changes nothing."""
        ...

    async def received(self, upload: UploadId) -> int:
        """Return how many bytes have arrived. Raises UploadRefused upload_unknown."""
        ...

    async def append(self, upload: UploadId, offset: int, data: bytes, *, at_most: int) -> int:
        """Add a piece and return how many bytes there are now; one stored before is no error.

        Raises UploadRefused: upload_offset (with the offset to go on from), upload_overrun,
        upload_unknown; StoreFailed.
        """
        ...

    async def finish(self, upload: UploadId, size: int) -> Path:
        """Return the complete file. Raises UploadRefused upload_incomplete, upload_unknown."""
        ...

    async def drop(self, upload: UploadId) -> None:
        """Throw away what has arrived."""
        ...


class Sounds(Protocol):
    """Takes recordings in and gives out what terminals play."""

    async def ingest(self, source: Path, *, envelope: Envelope, progress: Progress) -> Ingested:
        """Check, treat and encode a file, which stays where it is.

        Raises SoundRefused (another file is needed), StoreFailed, WorkFailed.
        """
        ...

    async def open_rendition(self, name: Sha256) -> Path:
        """Return a rendition's file, to be read only. Raises StoreFailed asset_unknown."""
        ...

    async def read(self, name: Sha256, offset: int, length: int) -> bytes:
        """Return a range of a rendition's bytes, fewer at its end. Raises StoreFailed."""
        ...

    async def remove(self, name: Sha256) -> None:
        """Remove a file that nothing refers to any more."""
        ...
