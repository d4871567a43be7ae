"""For authors of adapters: the suite that every platform has to pass. It needs pytest."""
