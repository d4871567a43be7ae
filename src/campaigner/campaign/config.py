"""Config, AccountConfig, Secret: the settings of one working folder, checked and frozen."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from ..errors import SurroundingsError, may_be_secret, nearest, slug, spelled
from ..strict_yaml import Mapping as NamesAndValues
from ..strict_yaml import Node, plain
from ..yaml_hints import VARIABLE
from .campaign import LANGUAGES_HELP
from .fields import (
    Bilingual,
    Duration,
    Handles,
    Languages,
    Zone,
    choice,
    read_quiet_hours,
)
from .kinds import NONE, FieldError, Kind, Many, One
from .model import Model

_PLAIN = "a reference to a secret was wanted, not the secret itself"
_SECRET = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:[^\x00-\x1f]+|keyring:[^/\x00-\x1f]+/[^\x00-\x1f]+")
_DRAWN_NAME = re.compile(
    r"(?=(?:[A-Za-z]{1,60}[0-9]{1,60}){3})(?=[A-Z0-9]{0,60}[a-z])(?=[a-z0-9]{0,60}[A-Z])[A-Za-z0-9]{16,200}"
)
"""A key or a token where the name of its variable was wanted."""
SECRET_HELP = (
    "Write where it lies: env:NAME, file:PATH or keyring:SERVICE/NAME; and change a secret that was written here."  # noqa: S105 - a hint
)


PLATFORMS = frozenset(
    "x mastodon bluesky threads linkedin facebook instagram telegram discord slack teams matrix webhook command console".split()  # noqa: SIM905
)
"""Every platform of the design, built or not: their names mean nothing else."""
_OTHER_NAMES = {
    "twitter": "x", "tweet": "x", "x-twitter": "x", "x-com": "x", "xcom": "x", "toot": "mastodon", "fediverse": "mastodon",
    "bsky": "bluesky", "fb": "facebook", "ig": "instagram", "insta": "instagram", "terminal": "console", "screen": "console",
}  # fmt: skip
"""What people call a platform too."""


def platform_meant(name: str, known: Collection[str]) -> str | None:
    """The one of these names that somebody most likely meant by another, as `twitter`."""
    typed = slug(name)
    other = nearest(typed, _OTHER_NAMES, 0.8)
    return _OTHER_NAMES[other] if other else nearest(typed, known)


class Secret(Model):
    """A reference to a secret, never the secret: `env:NAME`, `file:PATH` or `keyring:SERVICE/NAME`."""

    kind: str
    name: str

    @classmethod
    def as_kind(cls) -> Kind:
        """What else than a reference stands there may be the secret itself, and is never shown."""
        return _Reference(read_secret, {"type": "string", "pattern": "^(env|file|keyring):.+"})

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


class _Reference(One):
    """A reference; of `env: NAME`, which YAML takes for a name and a value, it is said how it is written."""

    def _kind_error(self, node: Node) -> FieldError:
        for kind in ("env", "file", "keyring") if type(node) is NamesAndValues else ():
            if kind in node.items:
                name = str(plain(node.items[kind][1]))
                help_ = f"Write {kind}:{name if re.fullmatch(VARIABLE, name) else 'NAME'}, without a space."
                return FieldError("plain-secret", f"a space stands after {kind}:, and parts it from its name", help_)
        return FieldError("plain-secret", _PLAIN, SECRET_HELP)


def read_secret(value: str) -> Secret:
    """The reference that stands there."""
    if not _SECRET.fullmatch(value.strip()):
        meant = re.fullmatch(rf"(?P<sign>(?i:env)[.:= ]*|[$%]\(?)?[$%]?{{?(?P<name>{VARIABLE})[}})%]?", value.strip())
        # Capitals alone may be a password.
        is_name = meant and (meant["sign"] or "_" in meant["name"])
        help_ = f"Write env:{meant['name']}" if meant and is_name else SECRET_HELP
        raise FieldError("plain-secret", _PLAIN, help_)
    kind, _, name = value.strip().partition(":")
    if kind == "env" and _DRAWN_NAME.fullmatch(name):
        raise FieldError("plain-secret", _PLAIN, SECRET_HELP)
    return Secret(kind=kind, name=name)


_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
SQLITE = "sqlite:///"
"""What an address of a ledger in a file begins with. What follows is the file's path, each character for itself."""


def read_ledger(value: str) -> str:
    """`sqlite:///` and a path, or an address of PostgreSQL without a password; it is never shown, for it may hold one."""
    help_ = "Write sqlite:///state/campaigner.db, or postgresql://user@host/name."
    if value.startswith(SQLITE):
        return _read_sqlite(value, help_)
    if path := re.fullmatch(r"(?:sqlite:/{0,2})?(?P<path>[\w.][\w./-]*\.(?:db|sqlite3?))", value):
        help_ = help_ if may_be_secret(path["path"]) else f"Write {SQLITE}{path['path']}"
        raise FieldError("ledger", "the address of a ledger in a file begins with sqlite:///", help_)
    if value.rstrip("/") == "sqlite:":
        raise FieldError("ledger", "a ledger in memory would forget what was posted", help_)
    if value.partition(":")[0].partition("+")[0] not in ("postgresql", "postgres"):
        raise FieldError("ledger", "this is no ledger that campaigner can keep", help_)
    try:
        parts = urlsplit(value)
        secret = parts.password or re.search("password=", parts.query, re.IGNORECASE)
    except ValueError:
        raise FieldError("ledger", "this is no ledger that campaigner can keep", help_) from None
    if secret:
        raise FieldError(
            "plain-secret", "the ledger's address holds a password", "Put the password into ~/.pgpass instead."
        )
    return value


def _read_sqlite(value: str, help_: str) -> str:
    path = value.removeprefix(SQLITE)
    if path.rpartition("/")[2] == ":memory:" or not path:
        raise FieldError("ledger", "a ledger in memory would forget what was posted", help_)
    if path.rpartition("/")[2] in ("", ".", ".."):
        raise FieldError("ledger", "this names a folder, and a file was wanted", help_)
    if path.startswith("~/"):
        raise FieldError(
            "ledger",
            "~ means nothing here",
            "Write the whole path, with four slashes: sqlite:////home/aino/campaigner.db.",
        )
    return value


def ledger_path(address: str, folder: Path) -> Path:
    """The one way from a ledger's address to its file: what follows `sqlite:///`, from the config's folder.

    Nothing is decoded: `%23`, `?` and `#` are characters of a name. Raises SurroundingsError for an address without a file.
    """
    if not address.startswith(SQLITE):
        raise SurroundingsError(
            f"the ledger {address.split('://', maxsplit=1)[0]}:// is not built yet [not-yet]",
            hint="use sqlite:///state/campaigner.db",
        )
    path = folder / address.removeprefix(SQLITE)
    if _HALF_CHARACTER.search(str(path)):
        raise SurroundingsError(
            f"the name of the ledger's folder is not UTF-8: {spelled(str(path.parent))}", hint="rename the folder"
        )
    return path


class AccountConfig(
    Model,
    given=("name", "options"),
    missing={"languages": LANGUAGES_HELP},
    wanted=("an account's keys were wanted", "Write platform: and its options below."),
):
    """One account. `options` is the platform's own options model, validated (see the platform's file)."""

    name: str
    platform: str
    like: str | None = None
    languages: Languages
    bilingual: Bilingual = None
    timezone: Zone = "UTC"
    spacing: Duration = timedelta(minutes=1)
    long_text: Annotated[str, choice("refuse", "thread")] = "refuse"
    options: Model

    @property
    def behaves_as(self) -> str:
        """The platform whose rules count: of a console account the one it is `like`."""
        return self.like or self.platform


class Config(
    Model,
    given=("path",),
    missing={
        "timezone": "Write where the day begins, as in timezone: Europe/Helsinki",
        "accounts": "Write accounts: and below it each account under a name of its own, with its platform and languages.",
    },
    wanted=("the keys of a config were wanted", "Begin with timezone: and accounts:"),
):
    """The config file. Paths are absolute; `ledger` is the address as it is written, `ledger_path` where it leads."""

    path: Path
    timezone: Zone
    campaigns: Annotated[tuple[Path, ...], Many(One(Path), single=True)] = ()
    ledger: Annotated[str, One(read_ledger)] = "sqlite:///state/campaigner.db"
    late: Duration = timedelta(hours=2)
    quiet_hours: Annotated[
        tuple[time, time] | None, One(read_quiet_hours, {"type": "string", "examples": ["22:00-07:00"]})
    ] = None
    approval: Annotated[str, choice("none", "required")] = "none"
    alerts: Annotated[tuple[Secret, ...], Many(Secret.as_kind(), single=True)] = ()
    heartbeat: Secret | None = None
    handles: Handles = NONE
    accounts: Mapping[str, AccountConfig]

    @property
    def folder(self) -> Path:
        """The working folder: where the config lies."""
        return self.path.parent

    @property
    def ledger_path(self) -> Path:
        """Where the ledger lies, or will; raises SurroundingsError for one that is no file."""
        return ledger_path(self.ledger, self.folder)

    @property
    def state(self) -> Path:
        """Where campaigner writes: ledger, token store, limits read from servers, reports of bugs."""
        return self.folder / "state"
