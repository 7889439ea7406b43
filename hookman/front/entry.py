"""What the shim starts, as `python -I -S entry.py ...`: it runs program.py.

Python compiles the file that it is started with each time, so there is next to nothing in it. Of program.py
it keeps the bytecode, as of any module. Never break `docker compose`: if program.py is gone or damaged, Compose runs.
"""

import os
import sys

PROGRAM = f"{os.path.dirname(os.path.abspath(__file__))}/program.py"

if __name__ == "__main__":
    try:
        program = sys.modules["_frozen_importlib_external"].SourceFileLoader("__main__", PROGRAM).get_code("__main__")
    except Exception:  # noqa: BLE001 (whatever is wrong with it)
        program = ""
    exec(program, {"__name__": "__main__", "__file__": PROGRAM})  # noqa: S102 (it ends the process)
    line = b"hookman: hooks did not run (program.py is broken). Fix: reinstall hookman-compose, or: hookman uninstall\n"
    try:
        os.write(2, line)
    finally:
        os.execv(sys.argv[2], [sys.argv[2], *[word for word in sys.argv[4:] if word != "--skip-hooks"]])
