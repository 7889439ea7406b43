"""The hooks of a project: their kinds, finding them, planning them, checking them, their environment. It runs none."""
