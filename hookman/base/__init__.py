"""Small helpers that every room uses. What is here knows nothing of hooks, projects or Compose."""
