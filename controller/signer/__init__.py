"""The only holder of keys: a process of its own behind a Unix socket.

It checks every request against its own records, writes its journal, and only then signs.
What it does not know from its own records it does not believe; the database of the
controller is never read.
"""
