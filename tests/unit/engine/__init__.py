"""When: what engines do."""
