"""The places of hooks in a project."""

from __future__ import annotations

import os

HOOKS_DIR = os.path.join(".dde", "hooks")  # with a directory of scripts for each event
HOOKS_SH = "hooks.sh"  # with functions
