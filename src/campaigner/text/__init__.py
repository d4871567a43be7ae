"""What each platform counts and links, and how a text is put together."""
