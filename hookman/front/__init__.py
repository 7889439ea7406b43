"""What the shim starts. Every `docker compose` pays for what is imported here."""
