"""Putting the shim in front of `docker compose`, taking it away, and finding what is wrong with it."""
