"""Alerts to people, and the heartbeat to an outside service."""
