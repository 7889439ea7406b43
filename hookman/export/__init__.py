"""Sending ended runs to where a team looks, after the command: the spool, the sender, what it sends, and how."""
