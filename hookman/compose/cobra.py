"""How cobra and pflag read flags. Docker and Compose use them.

At each level the flags before the next command word are parsed, and which word that is
follows from which flags are known to take a value (cobra's Command.Traverse, for roots with
TraverseChildren). The quirks in docs/design/traps.md B4 come from there, and so they come out
right here without being named.
"""

from __future__ import annotations

TRUE = ("1", "t", "T", "TRUE", "true", "True")
FALSE = ("0", "f", "F", "FALSE", "false", "False")


class FlagError(Exception):
    """Compose would refuse the line for `flag`; `unknown` if it is one that flags.py lacks."""

    def __init__(self, flag: str, *, unknown: bool) -> None:
        super().__init__(flag)
        self.flag = flag
        self.unknown = unknown


class Flags:
    """The flags of one command: which there are, and which kind of value each takes."""

    def __init__(self, spec: str, *, lenient: bool = False) -> None:
        """`lenient`: a flag that is not in `spec` counts as a switch."""
        self.lenient = lenient
        self.kinds: dict[str, str] = {"help": "bool"}
        self.longs = {"h": "help"}
        self.renamed: dict[str, str] = {}
        for word in spec.split():
            if ">" in word:
                old, _, name = word.partition(">")
                self.renamed[old] = name
                continue
            names, _, kind = word.partition("=")
            short, comma, name = names.rpartition(",")
            self.kinds[name] = kind or "bool"
            if comma:
                self.longs[short] = name

    def takes_next(self, arg: str) -> bool:
        """Does cobra, looking for the command word, take the argument after `arg` for its value?"""
        if "=" in arg:
            return False
        if arg.startswith("--"):
            return self.kinds.get(self._named(arg[2:])) != "bool"
        return len(arg) == 2 and self.kinds.get(self.longs.get(arg[1], "")) != "bool"

    def value_follows(self, arg: str) -> bool:
        """Does pflag, reading the flags, take the argument after `arg` for its value?"""
        if arg.startswith("--"):
            return self.takes_next(arg)
        for at, letter in enumerate(arg[1:], 2):
            if self.kinds.get(self.longs.get(letter, "")) != "bool":
                return at == len(arg)
            if arg[at : at + 1] == "=" and at + 1 < len(arg):
                return False
        return False

    def _named(self, name: str) -> str:
        """The flag that `name` means: Compose renames some before it looks them up (pflag's NormalizeFunc)."""
        return self.renamed.get(name, name)

    def parse(self, args: list[str], *, interspersed: bool) -> tuple[dict[str, list[str]], list[str]]:
        """Split `args` into flags (name → values) and positionals, as pflag does.

        Raises FlagError where pflag would refuse.
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
        name = self._named(name)
        if self.lenient and name and name not in self.kinds:
            self.kinds[name] = "text" if equals else "bool"
        if not name or name[0] == "-" or name not in self.kinds:
            raise FlagError(arg, unknown=True)
        if not equals:
            value = self._next(name, arg, rest)
        self._set(name, value, values)

    def _shorts(self, arg: str, rest: list[str], values: dict[str, list[str]]) -> None:
        letters = arg[1:]
        while letters:
            name = self.longs.get(letters[0])
            if name is None and self.lenient:
                letters = letters[1:]
                continue
            if name is None:
                raise FlagError(arg, unknown=True)
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
            raise FlagError(arg, unknown=False)
        return rest.pop(0)

    def _set(self, name: str, value: str, values: dict[str, list[str]]) -> None:
        kind = self.kinds[name]
        if kind == "bool" and value not in TRUE + FALSE:
            raise FlagError(f"--{name}", unknown=False)
        if kind == "once" and name in values:
            raise FlagError(f"--{name}", unknown=False)
        if kind == "filter" and value and "=" not in value:
            raise FlagError(f"--{name}", unknown=False)
        if kind == "bytes" and not _is_size(value):
            raise FlagError(f"--{name}", unknown=False)
        if kind == "int" and not _is_int(value):
            raise FlagError(f"--{name}", unknown=False)
        values.setdefault(name, []).append(value)


def _is_int(value: str) -> bool:
    """Whether Go's strconv.ParseInt(value, 0, 64) takes it."""
    try:
        int(value, 0)
    except ValueError:
        digits = value.lstrip("+-")
        return digits.isdigit() and digits.startswith("0") and set(digits) <= set("01234567")
    return value == value.strip()


def _is_size(value: str) -> bool:
    """Whether docker's units.RAMInBytes takes it: 10m, 1.5 GiB."""
    end = max(map(value.rfind, "0123456789. "))
    number, unit = value[: end + (value[end : end + 1] != " ")], value[end + 1 :].lower()
    try:
        positive = float(number) >= 0 and "_" not in number and number == number.strip()
    except ValueError:
        return False
    return positive and (unit in ("", "b") or (unit[0] in "kmgtp" and unit[1:] in ("", "b", "ib")))


def command_word(flags: Flags, argv: list[str], start: int) -> int:
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
