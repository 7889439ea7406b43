"""Finds what is wrong with the hooks of a plan by looking at their files, before they run.

A run starts them and sees. `list`, `explain`, `--dry-run`, `test` and `doctor` show what is found here, in these words.
Nothing of a project is started: only shells and Pythons from elsewhere, which parse and run nothing.
"""

from __future__ import annotations

import os
import re
import subprocess

from hookman.base.errors import Problem
from hookman.base.files import read_regular
from hookman.base.messages import shown
from hookman.base.quoting import shell_quoted
from hookman.base.records import replaced
from hookman.hooks import interpreter, scripts
from hookman.hooks.function_kind import FOR_EXPORTS, UNDECLARED
from hookman.hooks.functions import FILE_NAME
from hookman.hooks.interpreter import Flaw
from hookman.hooks.planned import CONDITIONS, CONTAINER, FUNCTION, REFUSE, RUN, SCRIPT, SKIP, TABLES, PlannedHook
from hookman.hooks.undeclared import undeclared

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hookman.compose.commandline import Invocation
    from hookman.hooks.scope import Scope

AT_ONCE = 8  # programs that parse at the same time
PATIENCE = 10.0  # seconds for one of them
# What parses a script and runs nothing of it.
PARSERS = {
    **dict.fromkeys(("sh", "bash", "dash", "ash", "ksh", "mksh", "zsh"), ("-n",)),
    "fish": ("--no-config", "--no-execute"),
}
PYTHONS = ("python", "pypy")
PARSE_PYTHON = """
import sys
try:
    compile(open(sys.argv[1], "rb").read(), sys.argv[1], "exec", dont_inherit=True)
except (SyntaxError, ValueError) as error:
    sys.exit(f"{sys.argv[1]}: line {getattr(error, 'lineno', None) or 1}: {type(error).__name__}: {error.args[0]}")
"""
MARKS = {
    b"\xef\xbb\xbf": ("byte order mark", "begins with a byte order mark (BOM)", "sed -i '1s/^\\xEF\\xBB\\xBF//' {}"),
    b"\xff\xfe": ("UTF-16", "is in UTF-16, which no shell reads", "iconv -f UTF-16 -t UTF-8 {0} >new && cat new >{0}"),
    b"\xfe\xff": ("UTF-16", "is in UTF-16, which no shell reads", "iconv -f UTF-16 -t UTF-8 {0} >new && cat new >{0}"),
}
STATES = {RUN: "ready", SKIP: "skipped", REFUSE: "can't run"}
CR = "Mac line endings"
CRLF = "Windows line endings"
SYNTAX = "syntax error"


def examined(hooks: Iterable[PlannedHook], scope: Scope, invocation: Invocation | None = None) -> list[PlannedHook]:
    """The hooks. Those that would run but can't work have the `problem`, and its few words as their `reason`.

    Conditions on the command line need the `invocation`; without one, they are shown as they are.
    """
    hooks = [_judged(hook, scope, invocation) if CONDITIONS & hook.keys.keys() else hook for hook in hooks]
    scripts_to_run = {hook.path for hook in hooks if hook.kind == SCRIPT and hook.action == RUN}
    flaws = _of_scripts(sorted(scripts_to_run), scope)
    flaws |= {
        hook.path: _of_text(hook.path)
        for hook in hooks
        if hook.kind == FUNCTION and hook.action == RUN and hook.path not in flaws
    }
    hooks = [_examined(hook, flaws, scope) if hook.action == RUN else hook for hook in hooks]
    return _with_what_is_known(hooks, scope) if any(hook.reason == UNDECLARED for hook in hooks) else hooks


def _judged(hook: PlannedHook, scope: Scope, invocation: Invocation | None) -> PlannedHook:
    """The hook: skipped if one of its conditions does not hold now, else with those that are unknown."""
    if hook.action != RUN:
        return hook
    from hookman.hooks import when, wrong_conditions
    from hookman.hooks.environment import read_all_dotenv

    wanted = hook.keys.get("when", {})
    shared, own = read_all_dotenv(scope.root, scope.project, scope.environ) if "env" in wanted else ({}, {})
    environ = {**shared, **own, **scope.environ}
    facts = when.Facts(directory=scope.project.directory, environ=environ, invocation=invocation, touched=None)
    if problem := wrong_conditions.wrong_flag(hook, scope.settings.tables, invocation):
        return replaced(hook, reason="no such flag", problem=problem)
    if reason := when.reason(wanted, facts):
        return replaced(hook, action=SKIP, reason=reason)
    open_ones = [when.condition(wanted, facts), *_of_past_runs(hook)]
    return replaced(hook, reason=", ".join(filter(None, open_ones)) or hook.reason)


def _of_past_runs(hook: PlannedHook) -> list[str]:
    """The conditions that compare with the last success, in words."""
    found = ["if its sources have changed"] if "sources" in hook.keys else []
    if "once" in hook.keys:
        from hookman.hooks import once

        found.append(f"once for {once.words(hook.keys['once'])}")
    return found


def _examined(hook: PlannedHook, flaws: dict[str, Flaw | None], scope: Scope) -> PlannedHook:
    if hook.kind in TABLES:
        from hookman.hooks import declared_flaws

        return _with(hook, declared_flaws.flaw(hook, scope.environ.get("PATH", "")))
    return _with(hook, flaws.get(hook.path))


def _with_what_is_known(hooks: list[PlannedHook], scope: Scope) -> list[PlannedHook]:
    """The hooks. The files that hooks.sh sources may show that it does not define a function."""
    directory = scope.project.directory
    try:
        text = read_regular(os.path.join(directory, FILE_NAME)).decode("utf-8", "surrogateescape")
    except OSError:
        return hooks
    more = undeclared(directory, text)
    return [
        hook if hook.reason != UNDECLARED or more.may_be(hook.name) else replaced(hook, reason=FOR_EXPORTS)
        for hook in hooks
    ]


def is_broken(hook: PlannedHook) -> bool:
    """Would it be started, or stop the command, although it can't work?"""
    return hook.problem is not None and hook.action != SKIP


def state(hook: PlannedHook) -> str:
    """The state of a hook in a few words: the same wherever hooks are shown to people."""
    said = hook.reason or STATES[hook.action]
    if hook.kind != CONTAINER or hook.action != RUN or hook.problem:
        return said
    from hookman.hooks.container_kind import in_words

    return f"{said}, {in_words(hook)}"


def text_problem(path: str) -> Problem | None:
    """What is wrong with how a hooks.sh is written, which `bash -n` does not tell."""
    flaw = _of_text(path)
    return flaw.problem if flaw else None


def _with(hook: PlannedHook, flaw: Flaw | None) -> PlannedHook:
    return replaced(hook, reason=flaw.state, problem=flaw.problem) if flaw else hook


def _of_text(path: str) -> Flaw | None:
    """What is wrong with the first bytes of a hooks.sh; the plan looks for the rest."""
    try:
        return _mark(path, read_regular(path))
    except OSError:
        return None  # the plan says so


def _mark(path: str, data: bytes) -> Flaw | None:
    for mark, (few_words, is_so, fix) in MARKS.items():
        if data.startswith(mark):
            what = f"{shown(os.path.basename(path))} {is_so}"
            return Flaw(state=few_words, problem=Problem(what=what, where=path, fix=fix.format(shell_quoted(path))))
    return None


def _of_scripts(paths: list[str], scope: Scope) -> dict[str, Flaw | None]:
    found: dict[str, Flaw | None] = {}
    to_parse: list[_Parse] = []
    for path in paths:
        try:
            data = read_regular(path)
        except OSError as error:
            found[path] = Flaw(
                state="unreadable",
                problem=Problem(
                    what=f"can't be read: {error.strerror}", where=path, fix=f"chmod +r {shell_quoted(path)}"
                ),
            )
            continue
        found[path], parser = _of_bytes(path, data, scope)
        to_parse += [_Parse(path, data, parser)] if parser else []
    for number in range(0, len(to_parse), AT_ONCE):
        some = to_parse[number : number + AT_ONCE]
        for parse in some:
            parse.start()
        for parse in some:
            found[parse.path] = parse.flaw()
    return found


def _of_bytes(path: str, data: bytes, scope: Scope) -> tuple[Flaw | None, list[str]]:
    """What is wrong with the bytes of a script, or the command that parses it ([]: we know none)."""
    if flaw := _mark(path, data):
        return flaw, []
    search_path = scope.environ.get("PATH", "")
    read_by = interpreter.reader(path, data[: interpreter.LONGEST + 1], scope.project.directory, search_path)
    parser = _parser(read_by.path, scope)
    is_shell = interpreter.shell_name(read_by.path) in PARSERS
    if b"\r" in data and b"\n" not in data:
        fix = f"tr '\\r' '\\n' <{shell_quoted(path)} >new && cat new >{shell_quoted(path)}"
        return Flaw(state=CR, problem=Problem(what="old Mac line endings (CR)", where=path, fix=fix)), []
    first = data.partition(b"\n")[0]
    if (first.startswith(b"#!") and first.endswith(b"\r")) or (b"\r\n" in data and is_shell):
        return Flaw(state=CRLF, problem=scripts.windows_line_endings(path)), []
    if b"\0" in data:
        return read_by.flaw, []  # a program, and no text
    return read_by.flaw, [] if read_by.flaw else parser


def _parser(program: str, scope: Scope) -> list[str]:
    """The command that parses a file for `program`; [] if we know none."""
    if not program or _is_inside(program, scope.project.real):
        return []  # nothing of a project is started here
    name = interpreter.shell_name(program)
    if name in PARSERS:
        return [program, *PARSERS[name]]
    return [program, "-I", "-S", "-c", PARSE_PYTHON] if name in PYTHONS else []


def _is_inside(program: str, directory: str) -> bool:
    return f"{os.path.realpath(program)}{os.sep}".startswith(f"{directory}{os.sep}")


class _Parse:
    """A shell, or a Python, that parses a script."""

    def __init__(self, path: str, data: bytes, argv: list[str]) -> None:
        self.path = path
        self.data = data
        self.argv = argv
        if b"extglob" in data and interpreter.shell_name(argv[0]) == "bash":
            self.argv = [argv[0], "-O", "extglob", *argv[1:]]  # the script sets it only when it runs
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin to parse."""
        self.process = _started([*self.argv, self.path], subprocess.DEVNULL)

    def flaw(self) -> Flaw | None:
        """The end: what is wrong with the script."""
        said = _end(self.process)
        if not said:
            return None
        line, message = _line_and_message(said, self.path)
        if self._ends_before(line):
            return None
        where = f"{self.path}:{line}" if line else self.path
        fix = f"fix {shell_quoted(self.path)}"
        return Flaw(state=SYNTAX, problem=Problem(what=message, where=where, fix=fix))

    def _ends_before(self, line: int) -> bool:
        """Does the script end (`exit` at the left margin) before `line`? Then what can't be parsed is no code."""
        lines = self.data.split(b"\n")
        at = next((number for number, text in enumerate(lines, 1) if _is_end(text)), line)
        if at >= line or self.argv[-1] != "-n":
            return False
        return not _end(_started(self.argv, subprocess.PIPE), b"\n".join(lines[:at]) + b"\n")


def _started(argv: list[str], stdin: int) -> subprocess.Popen[bytes] | None:
    """A parser, in an environment in which it reads no file of its own."""
    environ = {"LC_ALL": "C.UTF-8", "PATH": os.defpath}
    out, err = subprocess.DEVNULL, subprocess.PIPE
    try:
        return subprocess.Popen(argv, env=environ, cwd="/", stdin=stdin, stdout=out, stderr=err)
    except OSError:
        return None


def _end(process: subprocess.Popen[bytes] | None, data: bytes | None = None) -> str:
    """What a parser says; "" if it finds nothing wrong, or can't tell."""
    if process is None:
        return ""
    try:
        said = process.communicate(data, timeout=PATIENCE)[1].decode("utf-8", "surrogateescape")
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return ""
    return said if process.returncode else ""


def _is_end(line: bytes) -> bool:
    words = line.split(b"#")[0].rstrip(b" \t;").split()
    return line.startswith(b"exit") and words[0] == b"exit" and len(words) < 3


def _line_and_message(said: str, path: str) -> tuple[int, str]:
    """The line that a parser names (0: none), and its message with the script's name: `a.sh:3: syntax error …`."""
    name = shown(os.path.basename(path))
    rest = said.removeprefix(path).split("\n")[0]  # the path may have a line break too
    first = said.strip().split("\n")[0]
    # sh: `PATH: 3: …`, bash: `PATH: line 3: …`, zsh: `PATH:3: …`, fish: `PATH (line 3): …`
    found = re.match(r":? ?(?:line )?(\d+): ?(.*)", rest) or re.match(r".*?\(line (\d+)\): (.*)", rest)
    return (int(found[1]), f"{name}:{found[1]}: {shown(found[2])}") if found else (0, f"{name}: {shown(first)}")
