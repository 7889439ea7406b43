"""The process that notices a Ctrl-C that goes to a hook's group."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from tests.support.box import PATIENCE

# Stops the group again and again, from outside of it.
STOPPER = """
import os, signal, sys
print("begins", flush=True)
while True:
    os.killpg(int(sys.argv[1]), int(sys.argv[2]))
"""
WATCHER = """
import sys
from hookman.run import ctrl_c
for _ in range(50):
    ctrl_c.was_typed(*ctrl_c.watch(int(sys.argv[1])))
"""


@pytest.mark.parametrize("number", [signal.SIGTTIN, signal.SIGTTOU, signal.SIGTSTP, signal.SIGSTOP])
def test_a_hook_whose_group_is_stopped_at_once_does_not_hold_hookman_up(number: int) -> None:
    # A hook that reads from the terminal before it has been given it stops its whole group.
    hook = subprocess.Popen(["sleep", "1000"], process_group=0)
    with subprocess.Popen(
        [sys.executable, "-c", STOPPER, str(hook.pid), str(number)], stdout=subprocess.PIPE
    ) as stopper:
        try:
            assert stopper.stdout
            assert stopper.stdout.readline()
            watching = subprocess.run([sys.executable, "-c", WATCHER, str(hook.pid)], timeout=PATIENCE / 4, check=False)
            assert watching.returncode == 0
        finally:
            stopper.kill()
            hook.kill()
            hook.wait()
