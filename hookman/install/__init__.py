"""Putting the shim in front of `docker compose`, taking it away, and checking it. No command of Compose comes here."""
