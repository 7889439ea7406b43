"""The record of runs: writing it, storing it, reading it. How it is shown is in cli/."""
