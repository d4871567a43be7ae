"""Campaigns to timed posts. Pure: the same input gives the same plan."""
