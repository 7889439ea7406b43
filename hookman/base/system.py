"""Which system this is: the one switch between what only Linux has and what does the same elsewhere.

What only Linux has is behind `sys.platform == "linux" and not PORTABLE`. So mypy, asked for
macOS, finds any other use of it, and the other branches run here in a copy of the tree in which
PORTABLE is True (scripts/portable). It is a constant: nothing that a user sets changes it.
"""

import sys

PORTABLE = False
IS_LINUX = sys.platform == "linux" and not PORTABLE  # for values; code that only Linux has needs the words themselves
