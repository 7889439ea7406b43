"""The lock that runs the operations on a project one after the other."""
