"""What a file is if it is not SQL text, by its first bytes, and how to convert it."""

from __future__ import annotations

import shlex

TAR_MARK = slice(257, 262)
PGDUMP_CONTENTS = b"toc.dat"  # the first member of pg_dump's tar format, and a file in its directory format
GZIP = b"\x1f\x8b"
# First bytes: what such a file is, and the command that converts it to SQL text.
PACKED = (
    (b"\xfd7zXZ\0", "is packed with xz", "xz -dc"),
    (b"\x28\xb5\x2f\xfd", "is packed with zstd", "zstd -dc"),
    (b"BZh", "is packed with bzip2", "bzip2 -dc"),
    (b"\x04\x22\x4d\x18", "is packed with lz4", "lz4 -dc"),
    (b"\x89LZO", "is packed with lzop", "lzop -dc"),
    (b"LZIP", "is packed with lzip", "lzip -dc"),
    (b"7z\xbc\xaf\x27\x1c", "is a 7z archive", "7z x -so"),
    (b"PK\x03\x04", "is a zip archive", "unzip -p"),
    (b"\xff\xfe", "is UTF-16 (PowerShell's > writes it)", "iconv -f UTF-16 -t UTF-8"),
    (b"\xfe\xff", "is UTF-16", "iconv -f UTF-16 -t UTF-8"),
    (b"SQLite format 3\0", "is an SQLite database", ""),
)


def not_sql(path: str, head: bytes) -> tuple[str, str] | None:
    """Why the file at `path`, which begins with `head`, is no SQL text, and the fix; None if it may be some.

    Of a packed file `head` is what is in it.
    """
    if head.startswith(b"PGDMP"):
        return "is a dump in PostgreSQL's custom format, not SQL", restore(path)
    if head.startswith(PGDUMP_CONTENTS) and head[TAR_MARK] == b"ustar":
        return "is a dump in PostgreSQL's tar format, not SQL", restore(path)
    if head[TAR_MARK] == b"ustar":
        return "is a tar archive, not SQL", f"Unpack it: tar -xf {shlex.quote(path)}"
    if head.startswith(GZIP):
        return "is packed with gzip, but its name does not end in .gz", _rename(path, f"{path}.gz")
    for mark, what, program in PACKED:
        if head.startswith(mark):
            fix = f"convert it to SQL: {program} {shlex.quote(path)} >{shlex.quote(_sql_name(path))}" if program else ""
            return f"{what}, not SQL", fix or "Export the database as SQL text."
    return None


def not_gzip(path: str, head: bytes) -> tuple[str, str] | None:
    """Why the file at `path`, whose name ends in .gz and which begins with `head`, can't be unpacked, and the fix."""
    if head.startswith(GZIP):
        return None
    bare = path.removesuffix(".gz")
    return not_sql(path, head) or ("is not packed with gzip, though its name ends in .gz", _rename(path, bare))


def restore(path: str) -> str:
    """The fix for a dump that only pg_restore reads."""
    return f"convert it to SQL: pg_restore -f - {shlex.quote(path)} >{shlex.quote(_sql_name(path))}"


def _rename(path: str, new: str) -> str:
    return f"Rename it: mv {shlex.quote(path)} {shlex.quote(new)}"


def _sql_name(path: str) -> str:
    """A file name for the SQL text of the file at `path`, which differs from `path`."""
    bare = path.rstrip("/").removesuffix(".gz").removesuffix(".sql")
    return f"{bare}.plain.sql"
