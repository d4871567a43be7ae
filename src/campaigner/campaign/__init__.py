"""What an officer writes: a campaign and the config, as frozen models."""
