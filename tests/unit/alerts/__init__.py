"""Alerts and heartbeat."""
