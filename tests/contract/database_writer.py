"""A program that a test kills: it writes audit entries and says each number when it is safe."""

import asyncio
import sys
from uuid import uuid4

from controller.adapters.database import open_database
from tests.contract.database_samples import draft


async def write(url: str) -> None:
    """Write until killed, one entry in each transaction."""
    database = await open_database(url)
    while True:
        async with database.begin() as tx:
            entry = await tx.audit.append(draft(id=uuid4()))
        sys.stdout.write(f"{entry.sequence}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(write(sys.argv[1]))
