"""Carrying out an operation: the order of its steps, hook processes, the terminal, what the user sees."""
