"""Export, import and cleanup of a project's database. Not the hooks around them (run/), not the commands (cli/)."""
