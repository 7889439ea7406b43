"""Carrying an operation out: the order, hook processes, the terminal, what the user sees. Not which hooks (hooks/)."""
