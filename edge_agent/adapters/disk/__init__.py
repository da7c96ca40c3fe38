"""The terminal's data folder: few small writes, and none that a power cut can halve."""

from edge_agent.adapters.disk.documents import DocumentFolder
from edge_agent.adapters.disk.folder import DataFolder, FolderBusy
from edge_agent.adapters.disk.key_file import KeyFile, KeyMissing
from edge_agent.adapters.disk.ledger_file import LedgerOnDisk
from edge_agent.adapters.disk.log_file import LogOnDisk
from edge_agent.adapters.disk.recordings import RecordingFolder

__all__ = [
    "DataFolder",
    "DocumentFolder",
    "FolderBusy",
    "KeyFile",
    "KeyMissing",
    "LedgerOnDisk",
    "LogOnDisk",
    "RecordingFolder",
]
