"""Opening the ledger's database: SQLite as WAL with full durability, its faults told in plain words."""

from __future__ import annotations

import os
import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from .. import private_files
from ..errors import RefusedError, SurroundingsError
from . import tables
from .tables import Connection

BUSY_SECONDS = 10
"""How long one process waits for another's transaction before it says that the ledger is locked."""
READ_SETTINGS = ("query_only=1", "data_version")
WRITE_SETTINGS = ("journal_mode=WAL", "synchronous=FULL", "fullfsync=1", "foreign_keys=1")


def holds_ledger(path: Path) -> bool:
    """True when there is something at this place; a file without a byte is no ledger yet.

    Raises RefusedError when there is nothing, and a ledger lies where an earlier campaigner wrote that of this very path.
    """
    if path.is_dir():
        raise SurroundingsError(f"the ledger {path} is a folder", hint="name a file in it: `ledger` in the config")
    if path.exists() and path.stat().st_size:
        return True
    misplaced = where_it_was_misplaced(path)
    if misplaced is not None and _is_ledger(misplaced):
        raise RefusedError(
            f"the ledger of this folder lies at {misplaced}, where an earlier campaigner misplaced it, and not at {path}: "
            "with a new one, posts would go out twice",
            hint=f"end every campaigner, then copy it to its place: `{_copying(misplaced, path)}`; or, if it is the ledger "
            "of another folder alone, give this folder another name",
        )
    return False


def where_it_was_misplaced(path: Path) -> Path | None:
    """Where an earlier campaigner wrote the ledger of `path`; None when that was the right place.

    It gave SQLite an address whose quoting had been taken away once already: SQLite cut it at the first `#` or `?`, and
    took what looked like a quoted byte for one. Folders whose names begin alike came to share one ledger.
    """
    from urllib.parse import unquote_to_bytes

    right = os.fsencode(path.absolute())
    written = unquote_to_bytes(right.partition(b"#")[0].partition(b"?")[0]).partition(b"\0")[0]
    return None if written == right else Path(os.fsdecode(written))


def _is_ledger(path: Path) -> bool:
    """True when campaigner made this file."""
    if not path.is_file():
        return False
    try:
        with closing(open_file(path, "ro")) as connection:
            wanted = "SELECT count(*) FROM sqlite_master WHERE name IN ('alembic_version', 'deliveries')"
            return bool(connection.execute(wanted).fetchone() == (2,))
    except sqlite3.Error:
        return False


def _copying(source: Path, target: Path) -> str:
    """The command that copies a ledger that nobody works with, its newest entries with it."""
    log = f"{source}-wal"
    pairs = [(str(source), str(target)), *([(log, f"{target}-wal")] if Path(log).exists() else [])]
    return " && ".join(f"cp -p -- {shlex.quote(from_)} {shlex.quote(to)}" for from_, to in pairs)


def open_file(path: Path, mode: str, *, busy_seconds: float = BUSY_SECONDS) -> Connection:
    """Open an SQLite file, by the `mode` of its address: ro, rw or rwc. Nothing else in the program opens one.

    SQLite has no other way to ask for reading only; `as_uri` quotes every byte of a path that an address could not hold.
    Transactions are begun by us, as BEGIN IMMEDIATE: the driver's own begin would come after the first read.
    """
    for type_, write in tables.WRITERS.items():
        sqlite3.register_adapter(type_, write)
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=busy_seconds,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
        factory=Connection,
    )


def connect(path: Path, *, read_only: bool = False, busy_seconds: float = BUSY_SECONDS) -> Connection:
    """A connection to the SQLite file at `path`; creates it 0600, its folder 0700, unless `read_only`.

    Raises sqlite3.Error.
    """
    if not read_only:
        create_privately(path)
    connection = open_file(path, "ro" if read_only else "rw", busy_seconds=busy_seconds)
    try:
        for pragma in READ_SETTINGS if read_only else WRITE_SETTINGS:
            connection.execute(f"PRAGMA {pragma}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


@contextmanager
def connected_for_reading(path: Path) -> Iterator[Connection]:
    """A connection that changes nothing, also on a disk that can't be written to: there SQLite reads a file only as one that
    nobody writes, or a copy of it. Raises sqlite3.Error.
    """
    with ExitStack() as stack:
        try:
            connection = connect(path, read_only=True)
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise
            connection = _connect_unwritable(path, stack)
        yield stack.enter_context(closing(connection))


def _connect_unwritable(path: Path, stack: ExitStack) -> Connection:
    log = path.with_name(f"{path.name}-wal")
    if not log.exists() or not log.stat().st_size:
        return open_file(path, "ro&immutable=1")
    from shutil import copyfile
    from tempfile import TemporaryDirectory

    try:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="campaigner-")))
        for file in (path, log):
            copyfile(file, folder / file.name)
    except OSError as error:
        raise sqlite3.OperationalError("unable to open database file") from error
    return connect(folder / path.name)


def create_privately(path: Path) -> None:
    """Make the file and its folder for the owner alone, whatever the umask."""
    create_folder(path.parent)
    try:
        if not path.exists():
            os.close(private_files.open_new(path))
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except OSError as error:
        raise SurroundingsError(
            f"the ledger {path} cannot be made: {error.strerror}", hint="give a folder that can be written"
        ) from error


def create_folder(folder: Path) -> None:
    """Make a folder for the owner alone, whatever the umask; one that is there stays as it is."""
    if folder.exists():
        return
    try:
        folder.mkdir(parents=True, mode=0o700)
        folder.chmod(0o700)
    except OSError as error:
        raise SurroundingsError(
            f"the folder {folder} cannot be made: {error.strerror}", hint="give a folder that can be written"
        ) from error


def prepare_schema(connection: Connection, *, may_create: bool) -> bool:
    """Refuse a schema that is not ours, and create the tables in an empty file; False where they may not be."""
    found = schema_version(connection)
    if found is not None:
        check_schema(found)
        return True
    if may_create:
        connection.execute("BEGIN IMMEDIATE")
        # Another process may have been quicker.
        if schema_version(connection) is None:
            tables.create(connection)
        connection.execute("COMMIT")
    return may_create


def check_schema(found: str | None) -> None:
    """Refuse a schema that is not ours: a ledger may be upgraded under a process."""
    if found != tables.SCHEMA_VERSION:
        raise wrong_schema(found)


def data_version(connection: Connection) -> object:
    """What is another once somebody else has written, as this connection sees it."""
    return connection.execute("PRAGMA data_version").fetchone()


def file_at(path: Path) -> tuple[int, int] | None:
    """What tells this file from any other, whatever it is called; None when there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def check_place(path: Path, opened: tuple[int, int] | None) -> None:
    """A file that was deleted or replaced still takes what is written, and nobody would ever find it again."""
    found = file_at(path)
    if found == opened:
        return
    what = "replaced by another file" if found else "deleted or moved away"
    raise SurroundingsError(
        f"the ledger {path} was {what} while campaigner worked with it: nothing more is sent",
        hint="end every campaigner, put the ledger back (or a backup of it), and start again",
    )


def wrong_schema(found: str | None) -> SurroundingsError:
    """What to say of a ledger whose schema is not ours."""
    if found in tables.EARLIER:
        return SurroundingsError(
            f"the ledger has schema {found}, older than the {tables.SCHEMA_VERSION} that this campaigner works with",
            hint="`campaigner ledger upgrade` backs it up and upgrades it",
        )
    newer = isinstance(found, str) and found > tables.SCHEMA_VERSION
    return SurroundingsError(
        f"the ledger has schema {found}, {'newer than' if newer else 'and not'} the {tables.SCHEMA_VERSION} that this "
        "campaigner works with",
        hint="run the campaigner that made this ledger, or a newer one",
    )


def schema_version(connection: Connection) -> str | None:
    """The schema's version; None for an empty file."""
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError:
        # No such table, or a fault that meets us again here.
        if connection.first("SELECT count(*) FROM sqlite_master WHERE type = 'table'"):
            raise SurroundingsError(
                "the ledger file is a database of another program",
                hint="point `ledger` in the config at a file of its own",
            ) from None
        return None
    return row[0] if row else "none"


def copy_pages(connection: Connection, target: Path) -> None:
    """Copy every page, as of one commit, into an empty file while others write.

    SQLite's online backup and not VACUUM INTO: it asks for nothing but to read, takes one read transaction for all pages
    (`pages=-1`, so that no writer makes it begin again, and none waits), and leaves damage as it is for the check to find.
    Raises sqlite3.Error.
    """
    with closing(open_file(target, "rw")) as copy:
        connection.backup(copy)


@contextmanager
def explained(path: Path, connection: Connection | None = None) -> Iterator[None]:
    """Raises SurroundingsError for what the database raises; also for tables, behind a `connection`, that are ours no more."""
    try:
        yield
    except sqlite3.Error as error:
        if connection is not None:
            with suppress(sqlite3.Error):
                check_schema(schema_version(connection))
        raise explain(error, path) from error


def explain(error: sqlite3.Error, path: Path) -> SurroundingsError:
    """What a database fault means for a person, and what to do."""
    text = str(error)
    if any(sign in text for sign in OF_THE_DISK) and (of_the_disk := _fault_of_disk(path.parent)) is not None:
        return SurroundingsError(f"the ledger {path} cannot be written: {of_the_disk[0]}", hint=of_the_disk[1])
    for sign, meaning, hint in FAULTS:
        if sign in text:
            return SurroundingsError(f"the ledger {path} {meaning}", hint=hint)
    return SurroundingsError(
        f"the ledger {path} failed: {text.splitlines()[0]}", hint="`campaigner status` shows what is recorded"
    )


def _fault_of_disk(folder: Path) -> tuple[str, str] | None:
    """What keeps everybody from writing there, and what to do."""
    try:
        disk = os.statvfs(folder)
    except OSError:
        return None
    if disk.f_flag & os.ST_RDONLY:
        return f"the disk of {folder} is read-only", "make it writable; nothing is sent meanwhile"
    if not disk.f_bavail or not disk.f_favail:
        return f"the disk of {folder} is full", "make room there; nothing is sent meanwhile"
    return None


OF_THE_DISK = ("disk is full", "disk I/O error", "unable to open", "readonly")
FAULTS = (
    ("database is locked", "is locked by another program", "end that program, or try again later"),
    ("readonly database", "cannot be written", "check the owner and the permissions of the file and its folder"),
    ("disk is full", "cannot grow: the disk is full", "make room; nothing was sent without being recorded first"),
    ("file is not a database", "is damaged or not a ledger", "restore a backup; nothing is sent meanwhile"),
    ("Could not decode", "holds a damaged value", "restore a backup; nothing is sent meanwhile"),
    ("malformed", "is damaged", "restore a backup; nothing is sent meanwhile"),
    ("disk I/O error", "cannot be read or written: disk error", "check the disk; nothing is sent meanwhile"),
    ("unable to open database file", "cannot be opened", "check the path and the permissions of its folder"),
)
