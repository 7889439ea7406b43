"""The database of a project: exported, imported and tidied up, with hooks around it (CONTRACT I)."""
