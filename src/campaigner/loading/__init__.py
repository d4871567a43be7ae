"""Files to models, every fault with its place."""
