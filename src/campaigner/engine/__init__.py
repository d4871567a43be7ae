"""When: what is due, and who wakes up for it."""
