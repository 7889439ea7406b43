"""What Compose makes of a command line and of a project, and the real Compose itself. Nothing here knows of hooks."""
