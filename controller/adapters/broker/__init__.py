"""Brokers: the embedded one (NATS server as a child process) and Mosquitto."""
