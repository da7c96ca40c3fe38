"""One module at a time: no program is started, no network is used."""
