"""Why a call came to nothing, in words that people can act on, and a server's own words made fit to be shown.

What a server says may hold anything: line ends that fake lines of ours, mentions that wake a whole chat, letters that
nobody sees. It is shown as a quotation, on one line.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from ..errors import spelled
from .answers import Answer, web_address

if TYPE_CHECKING:
    import socket

LONGEST_WORDS = 250
_READ = 100_000
"""Characters of what a server says that are looked at: what lies behind is never shown."""
_KEPT = 4000
_PAGE = 20_000
_TITLE = r"(?is)<(title|h1)\b[^<>]{0,200}>([^<>]{1,500})<"
_HARMLESS = str.maketrans({"<": "‹", ">": "›", '"': "'", "`": "'", "*": "∗", **dict.fromkeys("@\ufe6b\uff20", "(at)")})
_EXPIRED, _TOO_NEW, _OTHER_NAME = 10, 9, (62, 64)
"""OpenSSL's numbers for what is wrong with a certificate."""
ASK = "is `server` right?"
Sayings = tuple[tuple[frozenset[int], str], ...]
"""Which words, by a regular expression, mean something under which status."""
_OF_THE_SERVER = (
    r"(?i)\balready\b|\btaken\b|duplicate|uniq|\block(ed)?\b|deadlock|conflict|in progress|being processed|try again|"
    r"\bretry\b|time[d ]?-?out|temporar|internal|database|constraint"
)
"""What a server says of its own troubles, whatever the status: no word on the content."""


def saying(statuses: set[int], *words: str) -> tuple[frozenset[int], str]:
    """One entry of a list of sayings: words, as regular expressions, under one of these statuses."""
    return frozenset(statuses), "|".join(words)


def is_said(sayings: Sayings, status: int, words: str) -> bool:
    """True when these words under this status are on a list."""
    said = words.removeprefix('"')
    return any(status in known and re.search(pattern, said, re.IGNORECASE) for known, pattern in sayings)


def is_refusal(refusals: Sayings, status: int, words: str) -> bool:
    """True when these words refuse something, and nothing in them speaks of the server's troubles.

    A server also answers 4xx for troubles of its own (a unique index, a call that is still being worked on) after the
    post was made.
    """
    return is_said(refusals, status, words) and not re.search(_OF_THE_SERVER, words)


def on_one_line(words: str) -> str:
    """The beginning of what a server says, on one line: as much as is worth looking at for secrets."""
    return " ".join(words[:_READ].split())[:_KEPT]


def quoted(words: str) -> str:
    """What a server says, as a quotation: spelled, without mentions or markup, at most 250 characters of it."""
    return f'"{plain(words)}"'


def plain(words: str) -> str:
    """The same without its marks, for what libraries say of a server."""
    shown = "".join(map(_shown, spelled(on_one_line(words.translate(_HARMLESS)))))
    return shown if len(shown) <= LONGEST_WORDS else shown[: LONGEST_WORDS - 1] + "…"


def _shown(character: str) -> str:
    """Zero-width letters and tags hide words: they are shown by their numbers."""
    return f"<U+{ord(character):04X}>" if unicodedata.category(character) in ("Cf", "Cn", "Co") else character


def is_web_page(answer: Answer) -> bool:
    """True for HTML, by its type or by how it begins."""
    kind = answer.headers.get("content-type", "").casefold()
    begins = answer.body[:200].lstrip().lower()
    return kind.startswith(("text/html", "application/xhtml")) or begins.startswith((b"<!doctype html", b"<html"))


def is_elsewhere(answer: Answer) -> bool:
    """True when no API has answered: a redirect, or a page where the API would have said yes, or no to the account."""
    return 300 <= answer.status < 400 or (is_web_page(answer) and (answer.is_success or answer.status == 403))


def why(answer: Answer, said: str) -> str:
    """What an answer comes to: its server's own words, else what it is, with its cure. `said` holds no secret."""
    if answer.status == 413:
        more = f": {quoted(said)}" if said else ": the server, or a proxy before it, takes no more"
        return f"too large: {answer.sent} bytes were sent{more}"
    return quoted(said) if said else _what_it_is(answer)


def _what_it_is(answer: Answer) -> str:
    if 300 <= answer.status < 400:
        return _where_it_leads(answer)
    if is_web_page(answer):
        title = _title(answer)
        called = f"a web page {quoted(title)}" if title else "a web page"
        if answer.status >= 500:
            return f"{called} and not the API: the server is down, busy or being maintained"
        between = " Does a proxy or a firewall stand before it?" if answer.status == 403 else ""
        return f"{called}, not the API: {ASK}{between}"
    if answer.is_success:
        return f"an answer that is not the API's: {ASK}"
    if answer.status in (404, 405):
        return f"there is no such address on this server: {ASK}"
    return "the server is in trouble" if answer.status >= 500 else "no reason given"


def _where_it_leads(answer: Answer) -> str:
    try:
        target = web_address(urljoin(answer.url, answer.headers.get("location", "")))
    except ValueError:
        target = ""
    if not target or target == answer.url:
        return f"it sends us elsewhere and does not say where: {ASK}"
    return f"it sends us on to {quoted(target)}, where no post is sent: {ASK}"


def _title(answer: Answer) -> str:
    import html

    found = re.search(_TITLE, answer.body[:_PAGE].decode("utf-8", "replace"))
    return on_one_line(html.unescape(found[2])) if found else ""


def why_failed(error: Exception, proxy: str) -> tuple[str, bool]:
    """What an exception of a call means, with its cure; True when it will hardly pass by itself.

    `proxy` is the host of the proxy that it came from.
    """
    words, lasts = _meaning(error)
    return (f"the proxy {proxy} that this machine's settings name: {words}", lasts) if proxy else (words, lasts)


def _meaning(cause: BaseException) -> tuple[str, bool]:
    import socket
    import ssl

    if isinstance(cause, ssl.SSLCertVerificationError):
        return _of_certificate(cause), True
    if isinstance(cause, ssl.SSLError):
        return f"no secure connection ({plain(cause.reason or str(cause))}): does it speak https, on this port?", True
    if isinstance(cause, socket.gaierror):
        return _of_name(cause)
    words = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
    if words.startswith("Tunnel connection failed: "):
        said = words.removeprefix("Tunnel connection failed: ")
        login = ": it wants a name and a password, as in http://NAME:PASSWORD@HOST" if said.startswith("407") else ""
        return f"it lets nothing through, {quoted(said)}{login}", True
    return plain(words), False


def _of_certificate(error: BaseException) -> str:
    code = getattr(error, "verify_code", 0)
    if code == _EXPIRED:
        return "its certificate has expired: its operators must renew it, unless this machine's clock is wrong"
    if code == _TOO_NEW:
        return "its certificate does not hold yet: is this machine's clock right?"
    if code in _OTHER_NAME:
        return f"its certificate is another host's: {ASK}"
    return (
        f"nobody whom this machine believes vouches for its certificate ({plain(getattr(error, 'verify_message', ''))}): "
        f"{ASK} A private authority's certificate is named by SSL_CERT_FILE"
    )


def _of_name(error: socket.gaierror) -> tuple[str, bool]:
    import socket

    if error.errno == socket.EAI_AGAIN:
        return "its name can't be looked up now: is there a network?", False
    return f"no host of this name is known: {ASK} Is there a network?", True
