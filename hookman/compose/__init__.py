"""What Compose makes of a command line, and the real Compose itself."""
