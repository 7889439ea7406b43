"""hookman: a git-style hook manager for Docker Compose."""

__version__ = "0.1.0"
