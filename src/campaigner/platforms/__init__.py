"""One file a platform: what it allows, its options, and the adapter that talks to it."""
