"""Runs: the order of things, processes, the lock, the log."""
