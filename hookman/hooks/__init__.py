"""Hooks: finding them, the two kinds, the plan."""
