"""Alerts, logs and health."""
