"""Platforms in a box on loopback: they enforce the real limits and can be told to fail."""
