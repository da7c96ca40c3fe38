"""What the controller reasons about; pure."""
