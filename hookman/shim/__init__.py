"""The shim in front of `docker compose`: putting it there, and what it starts."""
