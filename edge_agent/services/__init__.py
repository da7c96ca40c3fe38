"""What a terminal does, told in ports; no outside library is named here."""
