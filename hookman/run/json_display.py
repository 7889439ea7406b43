"""The hooks of a run as JSON lines on stderr, as Compose has its own with `--progress json` (docs/json.md)."""

from __future__ import annotations

import time

from hookman.base.messages import event, redactor
from hookman.run.display import APPEAR, KEPT, OUTPUT, REASONS, Display

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from hookman.hooks.planned import PlannedHook
    from hookman.run.group_display import GroupDisplay


class JsonDisplay(Display):
    """Shows the hooks of one operation, an event a line. Secrets are masked, also in what hooks print."""

    def __init__(self, shown: Collection[str]) -> None:
        super().__init__(shown)
        self._is_told = False  # that the hook has begun
        self._line_so_far = b""
        self._began = 0.0

    def begin(self, label: str, *, beside: bool = False) -> None:
        """A hook begins. This is shown when it is certain that the hook exists."""
        super().begin(label, beside=beside)
        self._is_told, self._line_so_far, self._began = False, b"", time.time()

    def wait(self, text: str) -> None:
        """A hook waits before it begins: if that takes long, a message says for what."""

    def output(self, data: bytes) -> None:
        """Show what the hook printed, line by line."""
        if self.hides(data):
            return
        self._tell()
        if OUTPUT not in self.shown:
            self._kept = (self._kept + data)[-KEPT:]
            return
        *lines, self._line_so_far = (self._line_so_far + data).split(b"\n")
        for line in lines:
            self._printed(line)
        if len(self._line_so_far) > KEPT:  # a line that does not end is told in parts
            self._printed(self._line_so_far)
            self._line_so_far = b""

    def beside(self, hooks: list[PlannedHook], *, menu: bool) -> GroupDisplay:  # noqa: ARG002 (nothing but JSON is shown)
        """Each hook tells what it does, as one that runs alone."""
        from hookman.run.group_display import GroupDisplay

        return GroupDisplay(self, hooks, menu=False, row=lambda _: JsonDisplay(self.shown))

    def tick(self) -> float | None:
        """Show that the hook has begun, if it takes a while."""
        if self._is_told or not self._label:
            return None
        age = time.monotonic() - self._since
        if age < APPEAR:
            return APPEAR - age
        self._tell()
        return None

    def end(self, result: str, seconds: float, exit_code: int | None = None) -> None:
        """The hook has ended. If it failed, what it printed is shown in any case."""
        self._tell()
        kept = self._kept.split(b"\n") if result != "ok" and self._kept else []
        for line in kept[:-1] if kept and not kept[-1] else kept:
            self._printed(line)
        if self._line_so_far:
            self._printed(self._line_so_far)
        label, self._label = self._name, ""
        self._kept = self._line_so_far = b""
        self.count(label, seconds)
        code = {} if exit_code is None else {"exit_code": exit_code}
        event("hook_ended", {**_named(label), "result": result, "seconds": round(seconds, 3), **code})

    def forget(self) -> None:
        """There was no hook: hooks.sh does not define the function."""
        self._label = ""
        if self._line_so_far:
            self._printed(self._line_so_far)
            self._line_so_far = b""

    def skip(self, label: str, reason: str) -> None:
        """A hook is not run."""
        event("hook_ended", {**_named(label), "result": "skipped", "reason": redactor.shown(reason)})

    def reason(self, text: str) -> None:
        """Show a reason."""
        if REASONS in self.shown:
            event("message", {"text": redactor.shown(text)})

    def total(self, command: str, run: str, *, wrong: bool) -> None:
        """The end of the operation `command`."""
        event(
            "run_ended", {"run": run, "command": command, "seconds_of_hooks": round(self.seconds, 3), "failed": wrong}
        )

    def _tell(self) -> None:
        if not self._is_told and self._label:
            self._is_told = True
            event("hook_started", _named(self._label), self._began)

    def _printed(self, line: bytes) -> None:
        text = redactor.text(line.removesuffix(b"\r")).decode("utf-8", "replace")
        event("output", {**_named(self._label), "text": text})


def _named(label: str) -> dict[str, str]:
    """The event and the name of a hook, from its label."""
    where, _, name = label.partition("/")
    return {"event": where, "name": name}
