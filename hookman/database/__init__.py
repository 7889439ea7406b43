"""Export, import and clean-up of a project's database. The hooks around them are run by run/."""
