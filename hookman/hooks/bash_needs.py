"""Which parts of a hooks.sh need a newer bash than the one that runs it. macOS still has bash 3.2."""

from __future__ import annotations

import re
import subprocess

from hookman.base.errors import Problem
from hookman.base.records import record
from hookman.hooks import functions

# For each construct: how it looks in code without comments and quoted text, its name, the first bash that knows it.
CONSTRUCTS = [
    (pattern, name, tuple(map(int, version.split("."))))
    for pattern, name, version in (
        (r"\b(?:declare|typeset|local|readonly)\s+-[a-zA-Z]*A", "declare -A", "4.0"),
        (r"\b(?:declare|typeset|local)\s+-[a-zA-Z]*[lu]\b", "declare -l, -u", "4.0"),
        (r"(?:^|[;&|({]|\b(?:then|do|else))\s*(?:mapfile|readarray)\b", "mapfile", "4.0"),
        (r"(?:^|[;&|({]|\b(?:then|do|else))\s*coproc\b", "coproc", "4.0"),
        (r";;?&", ";& and ;;&", "4.0"),
        (r"&>>", "&>>", "4.0"),
        (r"\|&", "|&", "4.0"),
        (r"\$\{!?[A-Za-z_]\w*(?:\[[^]]*\])?[\^,]", "${x^^} and ${x,,}", "4.0"),
        (r"\$\{[@*0-9][\^,]", "${x^^} and ${x,,}", "4.0"),
        (r"\$\{?BASHPID\b", "$BASHPID", "4.0"),
        (r"\bshopt\s+-[squ]+\s+(?:\w+\s+)*(?:globstar|autocd|checkjobs|dirspell)\b", "shopt globstar", "4.0"),
        (r"\bread\s+(?:-\w+\s+)*-\w*t\s*\d*\.\d", "read -t 0.5", "4.0"),
        (r"(?<!\$)\{-?0\d+\.\.", "{01..10}", "4.0"),
        (r"(?<!\$)\{-?\w+\.\.-?\w+\.\.-?\d+\}", "{1..9..2}", "4.0"),
        (r"(?<![\w$])\{[A-Za-z_]\w*\}[<>]", "{fd}>file", "4.1"),
        (r"\bread\s+(?:-\w+\s+)*-\w*N", "read -N", "4.1"),
        (r"\bBASH_XTRACEFD=", "BASH_XTRACEFD", "4.1"),
        (r"(?:\[\[?|\btest|&&|\|\||\()\s+(?:!\s+)?-v\s", "[[ -v", "4.2"),
        (r"\$\{!?[A-Za-z_]\w*\[\s*-\s*\d", "${a[-1]}", "4.2"),
        (r"\$\{(?:!?[A-Za-z_]\w*(?:\[[^]]*\])?|[@*0-9]):[^-}:?+=][^}:]*:\s*\(?\s*-\s*\d", "${x:0:-1}", "4.2"),
        (r"\b(?:declare|typeset)\s+-[a-zA-Z]*g", "declare -g", "4.2"),
        (r"\bprintf\b[^\n;|&]*%-?\d*\([^)\n]*\)T", "printf %(…)T", "4.2"),
        (r"\bshopt\s+-[squ]+\s+(?:\w+\s+)*lastpipe\b", "shopt lastpipe", "4.2"),
        (r"\b(?:declare|typeset|local)\s+-[a-zA-Z]*n\b", "local -n", "4.3"),
        (r"\bwait\s+-n\b", "wait -n", "4.3"),
        (r"(?<![\w$\[])[A-Za-z_]\w*\[\s*-\s*\d+\s*\]\+?=", "a[-1]=x", "4.3"),
        (r"\$\{[@*]?[!\w]*(?:\[[^]]*\])?@[QEPAa]\}", "${x@Q}", "4.4"),
        (r"\blocal\s+-(?:\s|;|$)", "local -", "4.4"),
        (r"\b(?:mapfile|readarray)\s+(?:-\w+\s+)*-\w*d", "mapfile -d", "4.4"),
        (r"\bshopt\s+-[squ]+\s+(?:\w+\s+)*inherit_errexit\b", "shopt inherit_errexit", "4.4"),
        (r"\$\{?EPOCH(?:SECONDS|REALTIME)\b", "$EPOCHSECONDS", "5.0"),
        (r"\$\{?SRANDOM\b", "$SRANDOM", "5.1"),
        (r"\bwait\s+(?:-\w+\s+)*-\w*p\b", "wait -p", "5.1"),
        (r"\$\{[@*]?[!\w]*(?:\[[^]]*\])?@[ULuK]\}", "${x@U}", "5.1"),
        (r"\$\{[@*]?[!\w]*(?:\[[^]]*\])?@k\}", "${x@k}", "5.2"),
        (r"\$\{(?:\s|\|)", "${ command; }", "5.3"),
    )
]


@record
class Need:
    """A construct on a line of a text, and the first bash that knows it."""

    line: int
    name: str
    version: tuple[int, ...]


def needs(text: str) -> list[Need]:
    """The constructs in the text of a hooks.sh that not every bash knows: each one once, in the order of the lines."""
    found: dict[str, Need] = {}
    plain, printed = _Code(text).read(), _Code(text, printed=True).read()
    for pattern, name, version in CONSTRUCTS:
        code = printed if "%" in pattern else plain
        if match := re.search(pattern, code, re.MULTILINE):
            line = code.count("\n", 0, match.end()) + 1
            if name not in found or line < found[name].line:
                found[name] = Need(line=line, name=name, version=version)
    return sorted(found.values(), key=lambda need: need.line)


def code_without_text(text: str) -> str:
    """The code of a shell script: comments and what is quoted are blanks, but for expansions. Line breaks stay."""
    return _Code(text).read()


def version_of(bash: str) -> tuple[str, tuple[int, ...]]:
    """The version of the bash at that path, as bash writes it and as two numbers; "" and () if it does not say."""
    argv = [bash, "--norc", "--noprofile", "-c", 'printf %s "$BASH_VERSION"']
    try:
        done = subprocess.run(argv, env={}, stdin=subprocess.DEVNULL, capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return "", ()
    said = done.stdout.decode("utf-8", "replace")
    numbers = re.match(r"(\d+)\.(\d+)", said)
    return said.partition("(")[0], tuple(map(int, numbers.groups())) if numbers else ()


def too_new(text: str, search_path: str) -> list[Problem]:
    """The constructs in the `text` of hooks.sh for which the bash on the PATH `search_path` is too old."""
    bash = functions.bash(search_path)
    said, version = version_of(bash)
    found = []
    for need in needs(text):
        if not version or version >= need.version:
            continue
        wanted = ".".join(map(str, need.version))
        what = f"{need.name} needs bash {wanted}, and {bash} is {said}"
        fix = f"put a bash {wanted} or newer first on your PATH (macOS: brew install bash), or write it in another way"
        found.append(Problem(what=what, where=f"{functions.FILE_NAME}:{need.line}", fix=fix))
    return found


QUOTES = '"'
DOCUMENT = "\0"  # stands for the end of a here-document; its text is quoted too


class _Code:
    """Reads only as much of bash as it needs to tell code from text: quotes, comments, here-documents.

    Quoted text is left out, but expansions in it stay; with `printed` all of it stays. Line breaks always stay.
    """

    def __init__(self, text: str, *, printed: bool = False, inside: str = "") -> None:
        self.text = text
        self.printed = printed
        self.out: list[str] = []
        self.closers = [inside] if inside else []  # what ends the open quotes and expansions, the innermost last
        self.documents: list[tuple[str, bool]] = []  # those after this line: the word that ends it; has it expansions?
        self.at = 0

    def read(self) -> str:
        """The code."""
        while self.at < len(self.text):
            inner = self.closers[-1] if self.closers else ""
            char, two = self.text[self.at], self.text[self.at : self.at + 2]
            if char == "\\":
                self._drop(2)
            elif char == inner:
                self.closers.pop()
                self._keep(1)
            elif two in ("${", "$("):
                self.closers.append("}" if two == "${" else ")")
                self._keep(2)
            elif inner in (QUOTES, DOCUMENT):
                name = re.compile(r"\$\w+").match(self.text, self.at)
                self._keep(len(name[0])) if name else self._quoted(1)
            else:
                self._plain(char, inner)
        return "".join(self.out)

    def _plain(self, char: str, inner: str) -> None:
        """Read on from a place that is not quoted."""
        if char == QUOTES or (char == "(" and inner == ")"):
            self.closers.append(QUOTES if char == QUOTES else ")")
            self._keep(1)
        elif char == "'":
            self._quoted(self._until("'", self.at + 1) + 1)
        elif char == "#" and inner != "}" and (not self.at or self.text[self.at - 1] in " \t\n;&|("):
            self._drop(self._until("\n", self.at))
        elif char == "\n" and self.documents:
            self._keep(1)
            self._read_documents()
        else:
            self._here(re.compile(r"<<(?:<|-?[ \t]*(\\?|['\"]?)(\w+)\1?)").match(self.text, self.at))

    def _here(self, begun: re.Match[str] | None) -> None:
        """If a here-document begins here, remember it. Go on after that."""
        if begun and begun[2]:
            self.documents.append((begun[2], not begun[1]))
        self._keep(len(begun[0]) if begun else 1)

    def _read_documents(self) -> None:
        """Skip the here-documents that begin on this line, but keep the expansions in them."""
        for word, expands in self.documents:
            end = re.compile(rf"^\t*{word}$", re.MULTILINE).search(self.text, self.at)
            body = self.text[self.at : end.start() if end else len(self.text)]
            self.out.append(_Code(body, inside=DOCUMENT).read() if expands else "\n" * body.count("\n"))
            self.at += len(body) + (len(end[0]) if end else 0)
        self.documents = []

    def _until(self, char: str, start: int) -> int:
        """The distance to the first `char` at `start` or after it, or to the end."""
        found = self.text.find(char, start)
        return (found if found >= 0 else len(self.text)) - self.at

    def _quoted(self, length: int) -> None:
        if self.printed:
            self._keep(length)
        else:
            self._drop(length)

    def _keep(self, length: int) -> None:
        self.out.append(self.text[self.at : self.at + length])
        self.at += length

    def _drop(self, length: int) -> None:
        self.out.append("\n" * self.text.count("\n", self.at, self.at + length) or " ")
        self.at += length
