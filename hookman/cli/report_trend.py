"""How long the last runs of a command took, for the page of `hookman log --report`."""

from __future__ import annotations

from statistics import median

from hookman.cli import report_html as to
from hookman.cli.table import duration, moment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

OUTLIER = 3.0  # times the median: a bar that is longer is cut, so that the others can be seen


def seconds_of(run: dict[str, Any]) -> float:
    """How long a run took; 0 if it has not ended, or the clock was set back."""
    return max(0.0, float(run.get("ended", run.get("started", 0))) - float(run.get("started", 0)))


def chart(past: list[dict[str, Any]], this: str) -> str:
    """Bars for the past runs, oldest first, and what they say in words; `this` is the id of the page's run."""
    if len(past) < 2:
        return "<p>This is the first run in the log, so there is nothing to compare it with.</p>"
    times = [seconds_of(run) for run in past]
    good = [seconds_of(run) for run in past if run.get("result") == "ok"]
    middle = median(good or times)
    top = max((took for took in times if took <= OUTLIER * middle), default=0.0) or max(times) or 1.0
    bars = "".join(_bar(run, top, is_this=run.get("run") == this) for run in past)
    line = f'<i class="median" style="bottom:{100 * min(middle / top, 1):.1f}%"></i>'
    scale = f'<div class="scale" aria-hidden="true"><span>{duration(top)}</span><span>0</span></div>'
    dates = "".join(f"<span>{moment(run.get('started'))}</span>" for run in (past[0], past[-1]))
    plot = f'<div class="chart">{scale}<div class="plot"><ol>{bars}</ol>{line}</div></div>'
    width = max(14, 2 * len(past))  # few runs make no wide bars
    trend = f'<div style="max-width:{width}rem">{plot}<div class="dates">{dates}</div></div>'
    return f"{trend}{_words(past, times, middle, top)}"


def _bar(run: dict[str, Any], top: float, *, is_this: bool) -> str:
    took, result = seconds_of(run), run.get("result")
    cut = took > top
    said = f"{moment(run.get('started'))}: {result}, {duration(took)}{' (the bar is cut)' if cut else ''}"
    label = f'title="{to.text(said)}" aria-label="{to.text(said)}"'
    current = ' aria-current="true"' if is_this else ""
    height = 100 * min(took / top, 1)
    mark = "" if result == "ok" else to.sign(result)
    look = f"bar {to.kind(result)}{' cut' if cut else ''}"
    return f'<li {label}{current}><i class="{look}" style="height:{height:.1f}%"></i>{mark}</li>'


def _words(past: list[dict[str, Any]], times: list[float], middle: float, top: float) -> str:
    good = sum(1 for run in past if run.get("result") == "ok")
    of_which = "the ok runs" if good else "all"
    facts = [f"{good} of {len(past)} runs ended ok.", f"Dashed line: the median of {of_which}, {duration(middle)}."]
    longer = [took for took in times if took > top]
    if len(longer) == 1:
        facts.append(f"The bar with a gap is cut: that run took {duration(longer[0])}.")
    elif longer:
        facts.append(f"The {len(longer)} bars with a gap are cut: the longest run took {duration(max(longer))}.")
    facts.append("This run has a frame.")
    return to.paragraph(" ".join(facts), "dim")
