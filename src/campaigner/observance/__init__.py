"""Which day is it this year."""
