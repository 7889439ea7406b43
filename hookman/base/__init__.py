"""Small helpers that every room uses. Nothing here knows of hooks, projects or Compose."""
