"""The protocol that controller and terminal both speak. Pure: no input or output, no clock."""
