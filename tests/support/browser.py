"""A real browser without a window, driven over its debugging pipe: pages as they are, clicks, media, paper."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.support.box import Project

PROGRAM = "chromium-headless-shell"
FLAGS = "--no-sandbox --disable-gpu --no-first-run --remote-debugging-pipe"


def _pipe() -> list[int]:
    """A pipe whose ends are none of the descriptors 3 and 4, which the browser uses."""
    low = os.pipe()
    ends = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in low]
    for end in low:
        os.close(end)
    return ends


class Browser:
    """One tab of a browser."""

    def __init__(self, home: Path) -> None:
        to_browser, self._to = _pipe()
        self._from, from_browser = _pipe()
        shell = f"exec {PROGRAM} {FLAGS} 3<&{to_browser} 4>&{from_browser}"
        self._process = subprocess.Popen(
            ["bash", "-c", shell],  # dash knows only descriptors of one digit
            env={"PATH": "/usr/bin:/bin", "HOME": str(home)},
            stderr=subprocess.DEVNULL,
            pass_fds=(to_browser, from_browser),
        )
        os.close(to_browser)
        os.close(from_browser)
        self._data = b""
        self._number = 0
        self._session = ""  # of the tab
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")

    def close(self) -> None:
        """End it."""
        os.close(self._to)
        self._process.kill()
        self._process.wait()
        os.close(self._from)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method of the DevTools protocol."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        answer = self._answer("id", self._number)
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    def open(self, page: Path, *, width: int, dark: bool = False, media: str = "screen", anchor: str = "") -> None:
        """Show a page in a window of that width, in pixels."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", media=media, features=[scheme])
        self.call("Page.navigate", url="about:blank")
        self._answer("method", "Page.loadEventFired")
        self.call("Page.navigate", url=f"file://{page}{anchor}")
        self._answer("method", "Page.loadEventFired")

    def ask(self, expression: str) -> Any:
        """The value of an expression in the page, or of its promise."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def click(self, selector: str) -> None:
        """Click with the mouse on the first such element."""
        box = self.ask(
            f"(e => (e.scrollIntoView(), e = e.getBoundingClientRect(), [e.x + e.width / 2, e.y + e.height / 2]))"
            f"(document.querySelector({json.dumps(selector)}))"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)

    def pdf(self) -> bytes:
        """The page on paper."""
        return base64.b64decode(self.call("Page.printToPDF", printBackground=False)["data"])

    def _answer(self, key: str, value: Any) -> dict[str, Any]:
        """The next message of the browser with that value."""
        while True:
            while b"\0" not in self._data:
                part = os.read(self._from, 1 << 20)
                assert part, "the browser has ended"
                self._data += part
            line, _, self._data = self._data.partition(b"\0")
            message: dict[str, Any] = json.loads(line)
            if message.get(key) == value:
                return message


def report(project: Project, name: str = "page.html") -> Path:
    """Write the page of the last run."""
    result = project.hookman("log", "--report", name)
    assert (result.code, result.out) == (0, f"wrote {name}\n")
    return project.path / name


def texts(browser: Browser, selector: str) -> list[str]:
    """The texts of the elements that a CSS selector names."""
    found: list[str] = browser.ask(f"[...document.querySelectorAll({selector!r})].map(one => one.textContent.trim())")
    return found
