"""What Compose makes of a command line and of a project, and running the real Compose. Nothing here knows of hooks."""
