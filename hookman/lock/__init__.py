"""The lock that runs the operations on a project one after the other. Not who takes it, and when (run/carry_out.py)."""
