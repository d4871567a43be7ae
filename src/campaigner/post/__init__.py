"""The currency of campaigner: what will be posted, and nothing else."""
