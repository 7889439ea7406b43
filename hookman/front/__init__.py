"""What the shim starts: the decision what happens to a command line. No hook runs here (run/), and no cold code."""
