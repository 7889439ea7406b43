"""The lock that runs the operations on a project one after the other. run/carry_out.py takes it and gives it back."""
