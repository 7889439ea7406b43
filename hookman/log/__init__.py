"""The record of runs: writing, storing, reading it. Not how it is shown (cli/), not what a failure means (run/)."""
