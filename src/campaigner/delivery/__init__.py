"""One due post, once."""
