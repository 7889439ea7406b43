"""Where secrets are found, and in which forms they are printed. redact.py masks them.

A secret is the value of a variable, a flag or a field whose name looks secret, and the password
in a URL. It may be printed as it is, line by line, or as JSON, a shell, Python or a URL writes it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

# PASS: PASSWORD, PASSWD, PASSPHRASE, DB_PASS.
WORDS = ("PASS", "PWD", "SECRET", "TOKEN", "KEY", "CREDENTIAL", "PRIVATE", "AUTH", "DSN", "WEBHOOK")
# Names that look secret and are not: their values are directories, programs, sockets or people.
PUBLIC = (
    *("PWD", "OLDPWD", "SSH_AUTH_SOCK", "XAUTHORITY", "SSH_ASKPASS", "SUDO_ASKPASS", "GIT_ASKPASS"),
    *("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_AUTHOR_DATE", "TLSKEY"),
)
SHORTEST = 4  # bytes; a shorter value would mask half of every text
# Values that are no secrets, whatever their name is. Masking them would spoil every text.
COMMON = (b"true", b"false", b"none", b"null", b"localhost")
LONGEST_NAME = 100  # characters of a field's name that are looked at
NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")
UNQUOTED = NAME | frozenset("@%+=:,/")  # what bash's printf %q leaves as it is
HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})
# How programs begin that take a password by a short flag. For MYSQL's it is -pVALUE only: what follows is the database.
FLAGS = {"mysql": "-p", "mariadb": "-p", "mongo": "-p", "sshpass": "-p", "redis-cli": "-a", "curl": "-u"}
MYSQL = ("mysql", "mariadb")


def looks_secret(name: str, extra: Iterable[str] = ()) -> bool:
    """Does the variable `name` look as if it held a secret? `extra` are names from the settings."""
    upper = name.upper()
    if name in PUBLIC or (upper in PUBLIC and upper not in ("PWD", "OLDPWD")):  # `Pwd=x;` is a password
        return False
    return any(word in upper for word in WORDS) or any(part and part.upper() in upper for part in extra)


def in_variables(values: Mapping[str, str | None], extra: Iterable[str] = ()) -> Iterator[str]:
    """The secrets in variables: the values whose names look secret, and the secret parts of other values."""
    extra = tuple(extra)
    for name, value in values.items():
        if value and looks_secret(name, extra):
            yield value
        if value and len(value) >= SHORTEST:
            yield from _in_urls(value)
            yield from _in_fields(value, extra)


def in_arguments(argv: Iterable[str], extra: Iterable[str] = ()) -> Iterator[str]:
    """The secrets on a command line: -e NAME=value, --password value, -pVALUE for mysql, URLs, headers."""
    extra = tuple(extra)
    follows = False  # is the next argument the value of a flag that looks secret?
    program = ""  # the last one on the line that FLAGS has
    for arg in argv:
        if follows and not arg.startswith("-"):
            yield from _credentials(arg)
        if program and arg.startswith(FLAGS[program]):
            yield from _credentials(arg[2:].strip("\"'"))
        program = _program(arg) or program
        follows = _value_follows(arg, program, extra)
        yield from _assigned(arg, extra)
        yield from _in_urls(arg)
        yield from _in_fields(arg, extra)
        words = arg.split()
        if len(words) > 1:  # sh -c 'mysql -pVALUE'
            yield from in_arguments([word.strip("\"'") for word in words], extra)


def _program(arg: str) -> str:
    """The program in FLAGS that an argument names; "" if it names none."""
    word = arg.rpartition("/")[2]
    return next((name for name in FLAGS if word.startswith(name) and "." not in word), "")


def _value_follows(arg: str, program: str, extra: tuple[str, ...]) -> bool:
    """Is the next argument a secret, because `arg` is a flag that takes one, maybe of this `program`?"""
    if arg.startswith("-") and "=" not in arg and looks_secret(arg.lstrip("-"), extra):
        return True
    return bool(program) and arg == FLAGS[program] and program not in MYSQL


def _assigned(arg: str, extra: tuple[str, ...]) -> Iterator[str]:
    """The value in NAME=value, --name=value or --env=NAME=value, if the name looks secret."""
    head, equals, value = arg.partition("=")
    if equals and value.partition("=")[1] and head.startswith("-") and not looks_secret(head.lstrip("-"), extra):
        head, _, value = value.partition("=")  # --env=NAME=value
    if equals and looks_secret(head.lstrip("-"), extra):
        yield value


def _credentials(value: str) -> Iterator[str]:
    """The value of a flag that takes a password, or user:password."""
    yield value
    yield value.partition(":")[2]


def forms(value: str) -> set[bytes]:
    """The forms in which a secret may be printed. A value that is too short or too common has none."""
    found = _spellings(value.strip())
    for line in map(str.strip, _lines(value)):
        found |= {line.encode("utf-8", "surrogateescape"), _json(line, ascii_only=True).encode()}
    return {form for form in found if len(form) >= SHORTEST and form.lower() not in COMMON and not _is_directory(form)}


def _lines(value: str) -> list[str]:
    """The lines of a value, also where their ends are written as escapes."""
    return value.replace("\\r", "\n").replace("\\n", "\n").splitlines()


def _spellings(value: str) -> set[bytes]:
    raw = value.encode("utf-8", "surrogateescape")
    if value.isascii() and value.isalnum():
        return {raw}
    texts = {
        _json(value, ascii_only=True),
        _json(value, ascii_only=False),
        _json(value, ascii_only=False).replace("/", "\\/"),
        repr(value)[1:-1],
        value.replace("'", "'\\''"),
        value.replace("'", "'\"'\"'"),
        "".join(char if char in UNQUOTED or not char.isascii() else f"\\{char}" for char in value),
        value.replace("$", "$$"),
        "".join(f"\\{char}" if char in '"$`\\' else char for char in value),  # bash's declare -p
        value.translate(HTML),
        *_in_percent(raw),
    }
    return {raw, *(text.encode("utf-8", "surrogateescape") for text in texts)}


def _in_percent(raw: bytes) -> Iterator[str]:
    """A value as URLs write it."""
    chars = [chr(byte) if chr(byte) in NAME or byte == ord("~") else f"%{byte:02X}" for byte in raw]
    text = "".join(chars)
    yield text
    yield "".join(char.lower() if char[0] == "%" else char for char in chars)
    yield text.replace("%2F", "/")
    yield text.replace("%20", "+")


def _json(value: str, *, ascii_only: bool) -> str:
    """`value` as JSON writes it between its quotes."""
    short = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
    out = []
    for char in value:
        code = ord(char)
        if char in short:
            out.append(short[char])
        elif code < 0x20 or (ascii_only and 0x7E < code < 0x10000):
            out.append(f"\\u{code:04x}")
        elif ascii_only and code >= 0x10000:
            code -= 0x10000
            out.append(f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}")
        else:
            out.append(char)
    return "".join(out)


def _is_directory(value: bytes) -> bool:
    """Is it the path of an existing directory? Masking it would hide a place, not a secret."""
    import os

    return value[:1] == b"/" and b"\0" not in value and os.path.isdir(value)


def _in_urls(text: str) -> Iterator[str]:
    """The passwords in the URLs in `text`, and what is used as one: https://TOKEN@host."""
    at = text.find("://")
    while at != -1:
        start = at + 3
        userinfo, has_user, _ = _authority(text, start).rpartition("@")
        user, _, password = userinfo.partition(":")
        found = [password] if password else []
        if (
            has_user
            and password in ("", "x-oauth-basic")
            and text[max(0, at - 5) : at].lower().endswith(("http", "https"))
        ):
            found.append(user)
        for secret in found:
            yield secret
            if "%" in secret:
                yield _unquoted(secret)
        at = text.find("://", start)


def _authority(text: str, start: int) -> str:
    """The user, the password and the host of the URL whose authority begins at `start`, as far as can be told."""
    end = _first(text, " \t\n\"'<>", start)
    if "@" not in text[start:end]:  # a quote in the password?
        end = max(end, text.rfind("@", start, _first(text, " \t\n", start)) + 1)
    authority = text[start : _first(text, "/?#", start, end)]
    if "@" in authority or "@" not in text[start:end]:
        return authority
    password = authority.partition(":")[2]  # an unescaped / in the password?
    return text[start:end] if password and not password.isdigit() else ""


def _unquoted(text: str) -> str:
    head, *rest = text.encode("utf-8", "surrogateescape").split(b"%")
    out = [head]
    for part in rest:
        try:
            out.append(bytes((int(part[:2], 16),)) + part[2:])
        except ValueError:
            out.append(b"%" + part)
    return b"".join(out).decode("utf-8", "surrogateescape")


def _in_fields(text: str, extra: tuple[str, ...]) -> Iterator[str]:
    """The values of fields inside a longer text: PGPASSWORD='x' psql, "token": "x", ?password=x, PASSWORD 'x'."""
    if not looks_secret(text, extra):
        return
    for at, char in enumerate(text):
        if char in "=:" or (char in "\"'" and text[at - 1 : at] == " "):
            name, after = _name_before(text, at), at if char in "\"'" else at + 1
            if name and looks_secret(name, extra):
                yield from _value_at(text, after, is_colon=char == ":")


def _name_before(text: str, at: int) -> str:
    before = text[max(0, at - LONGEST_NAME) : at].rstrip(" \"'")
    start = len(before)
    while start and before[start - 1] in NAME:
        start -= 1
    return before[start:].lstrip("-")


def _value_at(text: str, at: int, *, is_colon: bool) -> Iterator[str]:
    start = at + len(text[at:]) - len(text[at:].lstrip(" "))
    quote = text[start : start + 1]
    if quote and quote in "\"'":
        yield text[start + 1 : _first(text, quote, start + 1)]
    elif not is_colon:
        yield text[start : _first(text, " \t\n;&\"'", start)]
    elif start > at:  # `Authorization: Bearer x`, but not the directory in a volume's `./keys:/keys`
        phrase = text[start : _first(text, "\n\"'", start)]
        yield phrase
        yield phrase.rpartition(" ")[2]


def _first(text: str, chars: str, start: int, end: int | None = None) -> int:
    """Where the first of `chars` is at or after `start`; `end` if there is none."""
    end = len(text) if end is None else end
    return min((at for char in chars if (at := text.find(char, start, end)) != -1), default=end)
