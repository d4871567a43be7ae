"""Every way campaigner can refuse, and the problems it reports: place, message, help, code."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from enum import IntEnum, StrEnum
from typing import NamedTuple

DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that turn the direction of what follows, beyond the text they stand in."""
FLAG = "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f"
"""The flag of a part of a country: the one use of tag characters, which nobody sees."""
_UNSEEN = (
    f"(?P<flag>{FLAG})"
    "|[\u00ad\u034f\u115f\u17b4\u17b5\u180e\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]"
    "|[\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
    "|(?<![^\x00-\u024f\u200c\u200d])[\u200c\u200d]"
    "|(?<![\u1100-\u115e\ua960-\ua97c])\u1160"
    "|(?<![\u2801-\u28ff])\u2800(?![\u2801-\u28ff])"
    "|(?<![^\\sA-Za-z\u00c0-\u024f\ufe00-\ufe0f\U000e0100-\U000e01ef])[\ufe00-\ufe0f]"
    "|(?<![\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])[\U000e0100-\U000e01ef]"
)
"""What nobody sees and what shapes nothing beside it, as joiners do in other scripts and in emoji, selectors in emoji and Han."""

_DRAWN = re.compile(
    r"\b(?:[a-z0-9]{4}-){3}[a-z0-9]{4}\b|(?=[A-Za-z]{0,11}[0-9])[A-Za-z0-9]{12}|[A-Za-z]{20}"
    r"|(?=[A-Za-z_-]{0,23}[0-9])(?=[a-z0-9_-]{0,23}[A-Z])[\w-]{24}"
)


def is_latin_1(text: str) -> bool:
    """True when no character lies beyond U+00FF: found without a look at each."""
    if text.isascii():
        return True
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True


def spelled(text: str) -> str:
    """The text with every control character, line end, mark of direction and odd byte spelled out: it stays on its line.

    The name of a file goes through here before anything is made of it. One that is not UTF-8 comes with its odd bytes as
    half characters, which no file, ledger or server takes.
    """
    if text.isascii() and text.isprintable():
        return text
    text = re.sub(_UNSEEN, lambda found: found[0] if found["flag"] else _code(found[0]), text)
    if text.isprintable() and DIRECTIONS.isdisjoint(text):
        return text
    return "".join(_code(character) if _acts(character) else character for character in text)


LONGEST_TYPED = 60
"""Characters of a name that somebody mistyped: to compare longer ones takes the square of their length."""


def nearest(name: str, known: Collection[str], cutoff: float = 0.6) -> str | None:
    """Return the name that is most like one that is not known; what is too long to be one is like none."""
    from difflib import get_close_matches

    near = get_close_matches(name, known, 1, cutoff) if len(name) <= LONGEST_TYPED else []
    return near[0] if near else None


def folded(text: str) -> str:
    """Small letters without accents, so that `paiva` is `päivä`, and `norge` with any letters of its own."""
    plain = text.casefold().translate(_PLAIN_LETTERS)
    return "".join(letter for letter in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(letter))


_PLAIN_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i"})


def slug(name: str) -> str:
    """The id that is most like a name, in small letters, digits and hyphens; "" for one of other scripts."""
    apart = re.sub("['\u2019]", "", folded(name[:LONGEST_TYPED]))
    return re.sub(r"[^a-z0-9]+", "-", apart).strip("-")


def may_be_secret(text: str) -> bool:
    """True for what looks drawn by chance and not written by hand: it is not shown, for it may be a token or a password.

    That is an app password of Bluesky, a run of twelve letters and digits, of twenty letters, or of 24 with signs between.
    """
    return _DRAWN.search(text) is not None


def shown(value: str, most: int = 40) -> str:
    """Return a value fit for one line of an error message: shortened, without line breaks."""
    line = " ".join(value[: 4 * most].split())
    return line if len(line) <= most else line[: most - 1] + "…"


def _code(character: str) -> str:
    return f"<U+{ord(character):04X}>"


def _acts(character: str) -> bool:
    return character in DIRECTIONS or unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")


class ExitCode(IntEnum):
    """What the shell sees; the table stands in docs/reference/command-line.md."""

    DONE = 0
    ATTENTION = 1
    USAGE = 2
    INVALID = 3
    SURROUNDINGS = 4
    REFUSED = 5
    BUG = 70
    INTERRUPTED = 130


class Severity(StrEnum):
    """How grave a problem is: an error is not posted, a warning is, a note only explains."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Place(NamedTuple):
    """Where in a file something stands: line and column count from 1, column in code points."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Problem(NamedTuple):
    """One fault of a file: where, what was found and wanted, and what to do (`help`).

    `also_on`: the other accounts that have it, where it is the same on several.
    """

    place: Place
    code: str
    message: str
    help: str = ""
    severity: Severity = Severity.ERROR
    campaign: str | None = None
    message_id: str | None = None
    account: str | None = None
    language: str | None = None
    also_on: tuple[str, ...] = ()

    @property
    def accounts(self) -> tuple[str, ...]:
        """All the accounts that it is about."""
        return (self.account, *self.also_on) if self.account else ()


def render(problem: Problem) -> str:
    """Return `FILE:LINE:COLUMN: SEVERITY: MESSAGE [CODE]`, and an indented line of help where there is any."""
    head = f"{problem.place}: {problem.severity}: {_one_line(problem.message)} [{problem.code}]"
    help_ = " ".join(filter(None, (_whose(problem), _one_line(problem.help))))
    return f"{head}\n    {help_}" if help_ else head


def _whose(problem: Problem) -> str:
    """Say which message, language and account it is about, where the problem knows them."""
    parts = [f'message "{problem.message_id}"'] if problem.message_id else []
    parts += [f"language {problem.language}"] if problem.language else []
    parts += [f"account{'s' if problem.also_on else ''} {listed(problem.accounts)}"] if problem.account else []
    return f"{_one_line(', '.join(parts))}." if parts else ""


def listed(names: Sequence[str]) -> str:
    """Names as a sentence has them: `a, b and c`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def _one_line(text: str) -> str:
    return " ".join(text.split())


class CampaignerError(Exception):
    """The root of every refusal: `str()` is what the person reads, `hint` what they can do."""

    exit_code = ExitCode.BUG

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(CampaignerError):
    """The command line cannot be understood."""

    exit_code = ExitCode.USAGE


class InvalidFilesError(CampaignerError):
    """A campaign or the config is invalid, or none was found; `problems` may be empty."""

    exit_code = ExitCode.INVALID

    def __init__(self, message: str, *, problems: tuple[Problem, ...] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.problems = problems


class SurroundingsError(CampaignerError):
    """The machine is not ready: ledger locked or damaged, secret missing, disk full."""

    exit_code = ExitCode.SURROUNDINGS


class AccountError(SurroundingsError):
    """One account can't be used here (its secret is missing); the others can."""


class BrokenAccountError(AccountError):
    """What nobody expected happened with one account or one of its posts: that account stops, the others go on."""

    exit_code = ExitCode.BUG

    def __init__(self, account: str, what: str, cause: BaseException) -> None:
        self.account = account
        self.reason = f"{what} ({type(cause).__name__})"
        self.cause = cause
        super().__init__(
            f"account {account}: {self.reason}; nothing more is sent there",
            hint=f"once it is mended, `campaigner accounts check {account}` lets it go on",
        )


class RefusedError(CampaignerError):
    """Refused for safety; `hint` says what to pass to go on."""

    exit_code = ExitCode.REFUSED
