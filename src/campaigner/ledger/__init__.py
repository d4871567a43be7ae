"""What has happened: deliveries, attempts, and the files last accepted."""
