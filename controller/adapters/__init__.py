"""Doors to the outside: broker, database, signer, certificates."""
