"""In which order the parts of a run begin, and when no more of them do: --fail-fast, --rolling, a signal."""

from __future__ import annotations

from hookman.cli.run_parts import by_engine, engines_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hookman.cli.run_parts import Part


class Order:
    """Gives out the parts of a run.

    With `rolling` they come engine by engine, at most so many engines are at work at the same time, and no further
    one begins once a part has failed. Engines that have begun go on. With `fail_fast` nothing begins any more.
    """

    def __init__(self, parts: list[Part], *, rolling: int = 0, fail_fast: bool = False) -> None:
        self.rolling = rolling
        self.engines = engines_of(parts)
        self._fail_fast = fail_fast
        self._left = by_engine(parts) if rolling else list(parts)
        self._at_work: list[Part] = []
        self.begun: list[str] = []  # the engines, in the order in which they began
        self._failed: list[str] = []
        self._stopped = False

    def next(self) -> Part | None:
        """The part that begins now; None if none may begin, now or at all."""
        part = next((part for part in self._left if self._may_begin(part)), None)
        if part is not None:
            self._left.remove(part)
            self._at_work.append(part)
            if part.context not in self.begun:
                self.begun.append(part.context)
        return part

    def ended(self, part: Part, *, well: bool) -> None:
        """The part has ended."""
        self._at_work.remove(part)
        if not well:
            self._failed.append(part.context)

    def stop(self) -> None:
        """Nothing begins any more."""
        self._stopped = True

    def by_state(self) -> dict[str, list[str]]:
        """The engines by what became of them."""
        left = [part.context for part in (*self._left, *self._at_work)]
        found: dict[str, list[str]] = {"done": [], "failed": [], "stopped": [], "not begun": []}
        for engine in self.engines:
            state = "failed" if engine in self._failed else "done" if engine not in left else "stopped"
            found[state if engine in self.begun else "not begun"].append(engine)
        return found

    def left(self) -> list[str]:
        """The engines on which not all is done."""
        done = self.by_state()["done"]
        return [engine for engine in self.engines if engine not in done]

    def _may_begin(self, part: Part) -> bool:
        if self._stopped or (self._fail_fast and self._failed):
            return False
        if not self.rolling or part.context in self.begun:
            return True
        busy = {one.context for one in self._at_work}
        busy |= {one.context for one in self._left if one.context in self.begun}
        return not self._failed and len(busy) < self.rolling
