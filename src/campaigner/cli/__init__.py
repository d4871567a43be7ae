"""The person's hand: commands, their output, and how the objects are put together."""
