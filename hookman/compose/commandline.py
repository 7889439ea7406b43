"""argv → Invocation: what a docker command line asks for, read as Docker and Compose read it.

The Docker CLI passes the complete line to its plugins, with its own flags. The flags of
Compose are data (flags.py); how they are read is cobra.py.
"""

from __future__ import annotations

from hookman.base.records import record
from hookman.compose.cobra import TRUE, FlagError, Flags, command_word
from hookman.compose.flags import COMMANDS, FLAGS

# The Docker CLI's own global flags (docker --help), which may come before `compose`.
DOCKER_FLAGS = (
    "config=string c,context=string D,debug H,host=once l,log-level=string "
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
# Commands of which all words, or the first one, name services.
NAME_SERVICES = (
    *("up", "down", "start", "stop", "restart", "build", "pull", "logs", "ps", "create", "kill", "pause", "unpause"),
    *("top", "push", "rm", "watch", "wait"),
)
NAME_SERVICE = ("exec", "run", "port", "attach", "commit", "export")
SKIP_HOOKS = "--skip-hooks"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


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
        """Would Compose begin to run the subcommand?"""
        return self.kind == "dispatch"

    @property
    def has_events(self) -> bool:
        """Is it an operation with events, so that it can have hooks (C2)?"""
        return self.operation and self.subcommand in OPERATIONS

    @property
    def dry_run(self) -> bool:
        """Is Compose's --dry-run in effect? It works on both sides; the last one wins (TRAPS B1)."""
        values = self.global_flags.get("dry-run", []) + self.flags.get("dry-run", [])
        return bool(values) and values[-1] in TRUE

    def switched(self, name: str) -> bool:
        """Is the subcommand's switch `name` on?"""
        values = self.flags.get(name, [])
        return bool(values) and values[-1] in TRUE

    @property
    def services(self) -> list[str]:
        """The services that the command line names, each once; empty where it names none."""
        words = self.positionals
        if self.subcommand in NAME_SERVICE:
            words = words[:1]
        elif self.subcommand == "scale":
            words = [word.partition("=")[0] for word in words]
        elif self.subcommand == "cp":  # a path is local if it begins with / or .
            words = [word.partition(":")[0] for word in words if ":" in word and word[:1] not in ("/", ".")]
        elif self.subcommand not in NAME_SERVICES:
            words = []
        return [*dict.fromkeys(words)]

    @property
    def attached(self) -> bool:
        """Does this `up` stay in the foreground once the containers are up?"""
        return self.subcommand == "up" and not any(map(self.switched, ("detach", "wait", "no-start")))


def parse(argv: list[str], *, lenient: bool = False) -> Invocation:
    """What `argv`, all words after `docker`, asks for.

    `lenient`: a flag of the subcommand that flags.py lacks is a switch, not an error.
    """
    argv, skip_hooks = _without_skip_hooks(argv, None)
    return _parse_docker(argv, argv, skip_hooks=skip_hooks, lenient=lenient)


def parse_standalone(argv: list[str], *, lenient: bool = False) -> Invocation:
    """What `argv`, the arguments of the `docker-compose` command, asks for; `lenient` as in `parse`."""
    from hookman.compose.standalone import converted

    argv, skip_hooks = _without_skip_hooks(argv, "")
    return _parse_docker(converted(argv), argv, skip_hooks=skip_hooks, lenient=lenient)


def _parse_docker(line: list[str], typed: list[str], *, skip_hooks: bool, lenient: bool) -> Invocation:
    """What `line`, as docker's plugin gets it, asks for; `typed` is what the real Compose is to be given.

    Docker reads its own flags by pflag alone, up to the first word (cli/cobra.go, HandleGlobalFlags).
    """
    try:
        docker_flags, words = Flags(DOCKER_FLAGS).parse(line, interspersed=False)
    except FlagError as error:
        return _invocation(typed, "flag-error", skip_hooks=skip_hooks, error=error)
    if words[:1] in (["__complete"], ["__completeNoDesc"]):
        return _invocation(typed, "completion", skip_hooks=skip_hooks)
    if words[:1] == ["compose"]:
        return _parse_compose(words[1:], typed, docker_flags, skip_hooks=skip_hooks, lenient=lenient)
    helped = words[:1] == ["help"] or docker_flags.get("help", ["false"])[-1] in TRUE
    return _invocation(
        typed, "help" if helped else "unknown-subcommand", skip_hooks=skip_hooks, docker_flags=docker_flags
    )


def _parse_compose(
    argv: list[str], typed: list[str], docker_flags: dict[str, list[str]], *, skip_hooks: bool, lenient: bool
) -> Invocation:
    """What `argv`, all that follows the word `compose`, asks for."""
    args: list[str] = []
    parsed: list[dict[str, list[str]]] = []  # the flags of each command on the path
    for path, flags, start, end in _levels(argv, lenient=lenient):
        command = " ".join(path)
        interspersed = end is None and bool(path) and command not in COMMAND_LINE_FOLLOWS
        try:
            values, positionals = flags.parse(argv[start:end], interspersed=interspersed)
        except FlagError as error:
            return _invocation(
                typed,
                "flag-error",
                subcommand=path[0] if path else None,
                args=args,
                skip_hooks=skip_hooks,
                docker_flags=docker_flags,
                global_flags=parsed[0] if parsed else {},
                error=error,
            )
        parsed.append(values)
        if end is not None and not path:
            args = argv[end:]
    helped = [value for level in (docker_flags, *parsed) for value in level.get("help", [])]
    return _invocation(
        typed,
        _kind(command, positionals, helped=bool(helped) and helped[-1] in TRUE),
        subcommand=path[0] if path else None,
        args=args,
        skip_hooks=skip_hooks,
        docker_flags=docker_flags,
        global_flags=parsed[0],
        flags=values if path else {},
        positionals=positionals,
    )


def _levels(argv: list[str], *, lenient: bool) -> Iterator[tuple[list[str], Flags, int, int | None]]:
    """Compose and each command below it that `argv` names: its path, its flags, and where its arguments begin and end.

    They end at the word that names the next command; None: with the line.
    """
    path: list[str] = []
    start = 0
    while True:
        command = " ".join(path)
        flags = Flags(FLAGS[command], lenient=lenient and bool(path))
        word = command_word(flags, argv, start)
        name = _child(command, argv[word]) if word < len(argv) else None
        yield path, flags, start, None if name is None else word
        if name is None:
            return
        path = [*path, name]
        start = word + 1


def _kind(command: str, positionals: list[str], *, helped: bool) -> str:
    if helped:
        return "help"
    if command in COMMANDS:  # Compose itself, alpha, bridge: a command word is missing or unknown
        return "unknown-subcommand" if not command and positionals else "no-subcommand"
    least, most = POSITIONALS.get(command, (0, None))
    if len(positionals) < least or (most is not None and len(positionals) > most):
        return "args-error"
    return "version" if command == "version" else "dispatch"


def _child(command: str, word: str) -> str | None:
    word = ALIASES.get(command, {}).get(word, word)
    return word if word in COMMANDS.get(command, "").split() else None


def _without_skip_hooks(argv: list[str], command: str | None) -> tuple[list[str], bool]:
    """Take out --skip-hooks (C71), but not from the command line given to `run` or `exec`.

    There it ends where Compose's flags end: at the service's name, or at `--`. `command` is the
    one that `argv` belongs to: None is docker, "" is Compose.
    """
    if SKIP_HOOKS not in argv:
        return argv, False
    ends = _own_arguments_end(argv, command)
    own = [arg for arg in argv[:ends] if arg != SKIP_HOOKS]
    return own + argv[ends:], len(own) < ends


def _own_arguments_end(argv: list[str], command: str | None) -> int:
    """Where Compose's own arguments end: a --skip-hooks from there on is somebody else's."""
    at = 0
    flags = Flags(DOCKER_FLAGS if command is None else FLAGS[command])
    while at < len(argv):
        arg = argv[at]
        if arg == "--" and command is not None:
            return at
        if len(arg) >= 2 and arg[0] == "-":
            at += arg not in ("--", SKIP_HOOKS) and flags.value_follows(arg)
        elif (begun := _begun(command, arg)) is not None:
            command, flags = begun, Flags(FLAGS[begun])
        elif command in COMMAND_LINE_FOLLOWS:
            return at
        at += 1
    return len(argv)


def _begun(command: str | None, word: str) -> str | None:
    """The command whose flags follow `word`, if that begins one where those of `command` stand; None if not."""
    if command is None and word == "compose":
        return ""
    return word if not command and word and word in FLAGS else None


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
    error: FlagError | None = None,
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
