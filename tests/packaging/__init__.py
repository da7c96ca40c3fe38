"""What is built, installed and deployed."""
