"""argv → Invocation: what a docker command line asks for, read as Docker and Compose read it.

The Docker CLI hands its plugins the whole line. It and Compose are cobra programs whose
root has TraverseChildren: at each level the flags before the next command word are
parsed, and which word that is follows from which flags are known to take a value
(cobra's Command.Traverse). The quirks in ../shared/TRAPS.md B4 come from there, and so
they come out right here without being named. The flags are data: flags.py.
"""

from __future__ import annotations

from hookman.compose.flags import COMMANDS, FLAGS
from hookman.record import record

# The Docker CLI's own global flags (docker --help), which may stand before `compose`.
DOCKER_FLAGS = (
    "config=string c,context=string D,debug H,host=list l,log-level=string "
    "tls tlscacert=string tlscert=string tlskey=string tlsverify"
)
# Flags end at the first positional argument: SetInterspersed(false) in docker/compose.
COMMAND_LINE_FOLLOWS = ("exec", "run")
ALIASES = {"bridge transformations": {"ls": "list"}}
# How many positional arguments a command takes: `Args:` in docker/compose cmd/compose/*.go.
POSITIONALS: dict[str, tuple[int, int | None]] = {
    "alpha generate": (0, None),
    "alpha publish": (1, 1),
    "attach": (1, None),
    "bridge convert": (0, 0),
    "bridge transformations create": (1, 1),
    "bridge transformations list": (0, 0),
    "commit": (1, 2),
    "cp": (2, 2),
    "exec": (2, None),
    "export": (1, None),
    "ls": (0, 0),
    "port": (2, None),
    "publish": (1, 1),
    "run": (1, None),
    "scale": (1, None),
    "stats": (0, 1),
    "version": (0, 0),
    "wait": (1, None),
}
# Commands that have events: Kompose's list and the others that act (C2). Database
# operations have events too, but no command line of Compose's.
OPERATIONS = (
    *("up", "down", "start", "stop", "restart", "build", "pull", "logs", "ps", "exec", "run", "create"),
    *("kill", "pause", "unpause", "port", "top"),
    *("push", "rm", "scale", "watch", "cp", "attach", "wait", "commit", "export", "publish"),
)
# Operations that change something and so take the project's lock (DESIGN 1.5).
LOCKING = (
    *("up", "down", "start", "stop", "restart", "build", "pull", "push", "create", "kill", "pause", "unpause"),
    *("rm", "scale", "watch", "db_export", "db_import"),
)
SKIP_HOOKS = "--skip-hooks"
_TRUE = ("1", "t", "T", "TRUE", "true", "True")
_FALSE = ("0", "f", "F", "FALSE", "false", "False")


@record
class Invocation:
    """What one docker command line asks for."""

    argv: list[str]  # as Compose gets it: without --skip-hooks
    kind: str  # dispatch, help, version, completion, no-subcommand, unknown-subcommand, flag-error, args-error
    subcommand: str | None  # Compose's top-level command
    args: list[str]  # the subcommand and all that follows it, as typed
    docker_flags: dict[str, list[str]]  # docker's own global flags: long name → values
    global_flags: dict[str, list[str]]  # Compose's global flags
    flags: dict[str, list[str]]  # the subcommand's flags
    positionals: list[str]
    skip_hooks: bool
    unknown_flag: str | None  # a flag that no Compose in flags.py knows

    @property
    def operation(self) -> bool:
        """Would Compose begin to carry the subcommand out?"""
        return self.kind == "dispatch"

    @property
    def has_events(self) -> bool:
        """Is it an operation that hooks can stand around (C2)?"""
        return self.operation and self.subcommand in OPERATIONS

    @property
    def dry_run(self) -> bool:
        """Is Compose's --dry-run in effect? It works on both sides; the last one wins (TRAPS B1)."""
        values = self.global_flags.get("dry-run", []) + self.flags.get("dry-run", [])
        return bool(values) and values[-1] in _TRUE

    def switched(self, name: str) -> bool:
        """Is the subcommand's switch `name` on?"""
        values = self.flags.get(name, [])
        return bool(values) and values[-1] in _TRUE

    @property
    def attached(self) -> bool:
        """Does this `up` stay in the foreground once the containers are up?"""
        return self.subcommand == "up" and not any(map(self.switched, ("detach", "wait", "no-start")))


class _FlagError(Exception):
    """Compose would refuse the line for `flag`; `unknown` if it is one that flags.py lacks."""

    def __init__(self, flag: str, *, unknown: bool) -> None:
        super().__init__(flag)
        self.flag = flag
        self.unknown = unknown


class _Flags:
    """The flags of one command: which there are, and which kind of value each takes."""

    def __init__(self, spec: str) -> None:
        self.kinds: dict[str, str] = {"help": "bool"}
        self.longs = {"h": "help"}
        for word in spec.split():
            names, _, kind = word.partition("=")
            short, comma, name = names.rpartition(",")
            self.kinds[name] = kind or "bool"
            if comma:
                self.longs[short] = name

    def takes_next(self, arg: str) -> bool:
        """Does cobra, looking for the command word, take the argument after `arg` for its value?"""
        if arg.startswith("--"):
            return "=" not in arg and self.kinds.get(arg[2:]) != "bool"
        return len(arg) == 2 and self.kinds.get(self.longs.get(arg[1], "")) != "bool"

    def parse(self, args: list[str], *, interspersed: bool) -> tuple[dict[str, list[str]], list[str]]:
        """Split `args` into flags (name → values) and positionals, as pflag does.

        Raises _FlagError where pflag would refuse.
        """
        values: dict[str, list[str]] = {}
        positionals: list[str] = []
        rest = list(args)
        while rest:
            arg = rest.pop(0)
            if arg == "--":
                positionals += rest
                break
            if len(arg) < 2 or arg[0] != "-":
                positionals.append(arg)
                if not interspersed:
                    positionals += rest
                    break
            elif arg.startswith("--"):
                self._long(arg, rest, values)
            else:
                self._shorts(arg, rest, values)
        return values, positionals

    def _long(self, arg: str, rest: list[str], values: dict[str, list[str]]) -> None:
        name, equals, value = arg[2:].partition("=")
        if not name or name[0] == "-" or name not in self.kinds:
            raise _FlagError(arg, unknown=True)
        if not equals:
            value = self._next(name, arg, rest)
        self._set(name, value, values)

    def _shorts(self, arg: str, rest: list[str], values: dict[str, list[str]]) -> None:
        letters = arg[1:]
        while letters:
            name = self.longs.get(letters[0])
            if name is None:
                raise _FlagError(arg, unknown=True)
            letters = letters[1:]
            if len(letters) > 1 and letters[0] == "=":
                value, letters = letters[1:], ""
            elif self.kinds[name] == "bool":
                value = "true"
            elif letters:
                value, letters = letters, ""
            else:
                value = self._next(name, arg, rest)
            self._set(name, value, values)

    def _next(self, name: str, arg: str, rest: list[str]) -> str:
        if self.kinds[name] == "bool":
            return "true"
        if not rest:
            raise _FlagError(arg, unknown=False)
        return rest.pop(0)

    def _set(self, name: str, value: str, values: dict[str, list[str]]) -> None:
        kind = self.kinds[name]
        if kind == "bool" and value not in _TRUE + _FALSE:
            raise _FlagError(f"--{name}", unknown=False)
        if kind == "int" and not _is_int(value):
            raise _FlagError(f"--{name}", unknown=False)
        values.setdefault(name, []).append(value)


def _is_int(value: str) -> bool:
    """Whether Go's strconv.ParseInt(value, 0, 64) takes it."""
    try:
        int(value, 0)
    except ValueError:
        digits = value.lstrip("+-")
        return digits.isdigit() and digits.startswith("0") and set(digits) <= set("01234567")
    return value == value.strip()


def parse(argv: list[str]) -> Invocation:
    """What `argv`, the whole line after `docker`, asks for."""
    argv, skip_hooks = _without_skip_hooks(argv)
    if argv and argv[0] in ("__complete", "__completeNoDesc"):
        return _invocation(argv, "completion", skip_hooks=skip_hooks)
    docker = _Flags(DOCKER_FLAGS)
    at = _command_word(docker, argv, 0)
    try:
        docker_flags, words = docker.parse(argv[:at], interspersed=False)
    except _FlagError as error:
        return _invocation(argv, "flag-error", skip_hooks=skip_hooks, error=error)
    if argv[at : at + 1] == ["help"] or "help" in docker_flags:
        return _invocation(argv, "help", skip_hooks=skip_hooks, docker_flags=docker_flags)
    if argv[at : at + 1] != ["compose"] or words:
        return _invocation(argv, "unknown-subcommand", skip_hooks=skip_hooks, docker_flags=docker_flags)
    return _parse_compose(argv, at + 1, docker_flags, skip_hooks=skip_hooks)


def parse_standalone(argv: list[str]) -> Invocation:
    """What `argv`, the arguments of the `docker-compose` command, asks for."""
    argv, skip_hooks = _without_skip_hooks(argv)
    if argv and argv[0] in ("__complete", "__completeNoDesc"):
        return _invocation(argv, "completion", skip_hooks=skip_hooks)
    return _parse_compose(argv, 0, {}, skip_hooks=skip_hooks)


def _parse_compose(argv: list[str], start: int, docker_flags: dict[str, list[str]], *, skip_hooks: bool) -> Invocation:
    path: list[str] = []
    parsed: list[dict[str, list[str]]] = []
    at = start
    while True:
        command = " ".join(path)
        flags = _Flags(FLAGS[command])
        word = _command_word(flags, argv, at)
        name = _child(command, argv[word]) if word < len(argv) else None
        if name is None:
            break
        try:
            parsed.append(flags.parse(argv[at:word], interspersed=False)[0])
        except _FlagError as error:
            top = path[0] if path else None
            return _invocation(
                argv, "flag-error", subcommand=top, skip_hooks=skip_hooks, docker_flags=docker_flags, error=error
            )
        if not path:
            args = argv[word:]
        path.append(name)
        at = word + 1
    subcommand = path[0] if path else None
    global_flags = parsed[0] if parsed else {}
    interspersed = bool(path) and command not in COMMAND_LINE_FOLLOWS
    try:
        values, positionals = flags.parse(argv[at:], interspersed=interspersed)
    except _FlagError as error:
        return _invocation(
            argv,
            "flag-error",
            subcommand=subcommand,
            skip_hooks=skip_hooks,
            docker_flags=docker_flags,
            global_flags=global_flags,
            error=error,
        )
    helped = [one for level in (*parsed, values) for one in level.get("help", [])]
    return _invocation(
        argv,
        _kind(command, positionals, helped=bool(helped) and helped[-1] in _TRUE),
        subcommand=subcommand,
        args=args if path else [],
        skip_hooks=skip_hooks,
        docker_flags=docker_flags,
        global_flags=global_flags if path else values,
        flags=values if path else {},
        positionals=positionals,
    )


def _kind(command: str, positionals: list[str], *, helped: bool) -> str:
    if helped:
        return "help"
    if command in COMMANDS:  # Compose itself, alpha, bridge: a command word is missing or unknown
        return "unknown-subcommand" if not command and positionals else "no-subcommand"
    least, most = POSITIONALS.get(command, (0, None))
    if len(positionals) < least or (most is not None and len(positionals) > most):
        return "args-error"
    return "version" if command == "version" else "dispatch"


def _command_word(flags: _Flags, argv: list[str], start: int) -> int:
    """The index of the next word that is neither a flag nor a flag's value (cobra's Traverse)."""
    value_follows = False
    for at in range(start, len(argv)):
        arg = argv[at]
        is_flag = arg.startswith("-") and len(arg) >= 2
        if is_flag and flags.takes_next(arg):
            value_follows = True  # also where it is itself the value of the flag before: so cobra does
        elif value_follows:
            value_follows = False
        elif not is_flag:
            return at
    return len(argv)


def _child(command: str, word: str) -> str | None:
    word = ALIASES.get(command, {}).get(word, word)
    return word if word in COMMANDS.get(command, "").split() else None


def _without_skip_hooks(argv: list[str]) -> tuple[list[str], bool]:
    """Take out --skip-hooks (C71), but not from the command line given to `run` or `exec`.

    There it ends where Compose's flags end: at the service's name, or at `--`.
    """
    if SKIP_HOOKS not in argv:
        return argv, False
    ends = _own_arguments_end(argv)
    own = [arg for arg in argv[:ends] if arg != SKIP_HOOKS]
    return own + argv[ends:], len(own) < ends


def _own_arguments_end(argv: list[str]) -> int:
    """Where Compose's own arguments end: a --skip-hooks from there on is somebody else's."""
    at = 0
    command: str | None = None
    flags = _Flags(DOCKER_FLAGS)
    while at < len(argv):
        arg = argv[at]
        if arg == "--":
            return at
        if arg == SKIP_HOOKS:
            at += 1
        elif len(arg) >= 2 and arg[0] == "-":
            at += 2 if flags.takes_next(arg) else 1
        elif command is None and arg == "compose":
            command, flags = "", _Flags(FLAGS[""])
            at += 1
        elif not command and arg in FLAGS and arg:
            command, flags = arg, _Flags(FLAGS[arg])
            at += 1
        elif command in COMMAND_LINE_FOLLOWS:
            return at
        else:
            at += 1
    return len(argv)


def _invocation(
    argv: list[str],
    kind: str,
    *,
    skip_hooks: bool,
    subcommand: str | None = None,
    args: list[str] | None = None,
    docker_flags: dict[str, list[str]] | None = None,
    global_flags: dict[str, list[str]] | None = None,
    flags: dict[str, list[str]] | None = None,
    positionals: list[str] | None = None,
    error: _FlagError | None = None,
) -> Invocation:
    return Invocation(
        argv=argv,
        kind=kind,
        subcommand=subcommand,
        args=args or [],
        docker_flags=docker_flags or {},
        global_flags=global_flags or {},
        flags=flags or {},
        positionals=positionals or [],
        skip_hooks=skip_hooks,
        unknown_flag=error.flag if error and error.unknown else None,
    )
