"""Takes an account's secrets out of every text that people, logs or the ledger may get to see.

What a server does to a secret on the way back has no end: it is encoded twice, cut short, spread over lines. Forms that can
be named are taken out where they stand. A text that still holds one when it is decoded, folded and without all that nobody
sees is not shown at all.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from string import ascii_uppercase
from urllib.parse import quote, quote_plus, unquote, urlsplit

SHORTEST = 4
"""A shorter secret is not looked for: it would blank out ordinary words."""
SHORTEST_TO_DISTRUST = 12
"""One that is as long as this stands in no honest answer by chance."""
LONGEST_TEXT = 300
HIDDEN = "***"
_ROUNDS = 4
"""How many kinds of encoding may lie over each other; of one kind any number is undone at once."""
_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_PERCENTS = r"%(?:25)+(?=[0-9a-fA-F]{2})"
_AMPERSANDS = r"&(?:(?:amp|#0*38|#[xX]0*26);)+(?=[#a-zA-Z])"
_ENTITY = r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,31});?"
_UNICODE = r"(?<!\\)\\+(?:u([0-9a-fA-F]{4})|u\{0*([0-9a-fA-F]{1,5})\}|x([0-7][0-9a-fA-F]))"
_PAIRS = "[\ud800-\udbff][\udc00-\udfff]"
_LABELLED = r"(?i)(bearer |basic |\boauth_token=|\baccess_token=|\btoken=|\boauth_signature=)[^\s\"'&,]+"


class Redactor:
    """Knows secrets in the forms in which they turn up: as they are, percent-encoded, in JSON, HTML, base64 and hex."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets: set[str] = set()
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """Redact one more value from now on."""
        if len(secret) >= SHORTEST and secret not in self._secrets:
            self._secrets.add(secret)
            for found in ("_forms", "_folded", "_telling"):
                self.__dict__.pop(found, None)

    @cached_property
    def _forms(self) -> list[str]:
        """What is taken out where it stands, the longest first; made when the first text is to be shown."""
        found = {form for secret in self._secrets for form in (*_hidden(secret), *_spellings(secret))}
        return sorted((form for form in found if len(form) >= SHORTEST), key=len, reverse=True)

    @cached_property
    def _folded(self) -> frozenset[str]:
        return self._beginnings(SHORTEST)

    @cached_property
    def _telling(self) -> frozenset[str]:
        return self._beginnings(SHORTEST_TO_DISTRUST)

    def _beginnings(self, shortest: int) -> frozenset[str]:
        """By what the secrets of this length are known in a folded text."""
        forms = {form for secret in self._secrets if len(secret) >= shortest for form in _hidden(secret)}
        return frozenset(_beginning(form) for form in map(_folded, forms) if len(form) >= shortest)

    def is_in(self, body: bytes) -> bool:
        """True when an answer says a secret back, or its beginning, however it is dressed."""
        plain = _folded(body.decode("utf-8", "replace")) if self._telling else ""
        return any(form in plain for form in self._telling)

    def __call__(self, text: str) -> str:
        """The text without any of them, at most 300 characters."""
        return self.whole(text)[:LONGEST_TEXT]

    def whole(self, text: str) -> str:
        """The text without any of them, however long; nothing of it where one is hidden in it."""
        for form in self._forms:
            text = text.replace(form, HIDDEN)
        text = re.sub(_LABELLED, rf"\1{HIDDEN}", text)
        plain = _folded(text) if self._folded else ""
        return HIDDEN if any(form in plain for form in self._folded) else text


def _beginning(form: str) -> str:
    """What of a secret is looked for: twelve characters tell it, but of an address they are its server's name."""
    return form if "://" in form else form[:SHORTEST_TO_DISTRUST]


def _folded(text: str) -> str:
    """Decoded, in one case, without white space, marks, backslashes and whatever else nobody sees."""
    for _ in range(_ROUNDS):
        before = text
        text = unquote(re.sub(_PERCENTS, "%", text)) if "%" in text else text
        if "&" in text:
            text = re.sub(_ENTITY, lambda found: html.unescape(found[0]), re.sub(_AMPERSANDS, "&", text))
        if "\\" in text:
            text = re.sub(_UNICODE, lambda found: chr(int("".join(found.groups("")), 16)), text)
            text = re.sub(_PAIRS, lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), text)
        if text == before:
            break
    if text.isascii():
        return text.translate(_ASCII)
    return text.translate({ord(character): _letter(character) for character in set(text)})


@lru_cache(maxsize=4096)
def _letter(character: str) -> str:
    if character == "\\" or character in _BLANKS or unicodedata.category(character)[0] in "CMZ":
        return ""
    return unicodedata.normalize("NFKC", character).casefold()


_ASCII = {**{ord(letter): letter.lower() for letter in ascii_uppercase}, **dict.fromkeys((*range(33), 92, 127), "")}
"""The same for ASCII: small letters, no controls, no backslash."""


def _spellings(secret: str) -> Iterator[str]:
    """The forms that come to the same as the secret itself, or one of `_hidden`, when they are folded."""
    for encoded in (quote(secret, safe=""), quote(secret), quote_plus(secret)):
        yield encoded
        yield re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), encoded)
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield html.escape(secret)


def _hidden(secret: str) -> set[str]:
    """The forms that no folding leads back to each other."""
    found = {
        secret,
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        secret.encode().hex(),
        *_inside_base64(secret.encode()),
    }
    if secret.startswith(("http://", "https://")):
        # A webhook's address: libraries name its path alone.
        found |= {secret.partition("://")[2].partition("/")[2] or secret, urlsplit(secret).path.strip("/")}
    return found


def _inside_base64(data: bytes) -> Iterator[str]:
    """What stays of it in the base64 of a longer text, as in `Authorization: Basic`, wherever it begins there."""
    for shift, unsure in ((0, 0), (1, 2), (2, 3)):
        padded = bytes(shift) + data
        for encode in (b64encode, urlsafe_b64encode):
            text = encode(padded).decode().rstrip("=")
            sure = text[unsure : -1 if len(padded) % 3 else None]
            if len(sure) >= 2 * SHORTEST:
                yield sure
