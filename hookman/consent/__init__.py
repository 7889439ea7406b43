"""What may run: marks of enabled projects, who may change a file, approved copies, names that a .env may not set.

Nothing here finds or starts a hook.
"""
