"""The hooks of a project: their kinds, finding, planning and checking them, their environment. It runs none."""
