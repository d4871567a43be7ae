"""For those who write adapters: the contract suite and a clock that stands still."""
