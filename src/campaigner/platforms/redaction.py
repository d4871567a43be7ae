"""Takes an account's secrets out of every text that people, logs or the ledger may get to see."""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus, urlsplit

SHORTEST = 4
"""A shorter secret is not looked for: it would blank out ordinary words."""
SHORTEST_TO_DISTRUST = 12
"""One that is as long as this stands in no honest answer by chance."""
LONGEST_TEXT = 300
_TOKEN = re.compile(r"(?i)(bearer |basic |\boauth_token=|\baccess_token=|\btoken=|\boauth_signature=)[^\s\"'&,]+")
_ESCAPED = re.compile(rb"\\u00([0-7][0-9a-fA-F])")


class Redactor:
    """Knows secrets in the forms in which they turn up: as they are, percent-encoded, in JSON, HTML and base64."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._forms: list[str] = []
        self._telling: set[bytes] = set()
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """Redact one more value from now on."""
        if len(secret) >= SHORTEST:
            forms = {form for form in _forms_of(secret) if len(form) >= SHORTEST}
            self._forms = sorted({*self._forms, *forms}, key=len, reverse=True)
            if len(secret) >= SHORTEST_TO_DISTRUST:
                self._telling |= {form.encode() for form in forms if len(form) >= SHORTEST_TO_DISTRUST}

    def is_in(self, body: bytes) -> bool:
        """True when an answer says a secret back, whichever of its letters JSON escapes."""
        plain = _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), body).replace(b"\\/", b"/")
        return any(form in body or form in plain for form in self._telling)

    def __call__(self, text: str) -> str:
        """The text without any of them, at most 300 characters."""
        return self.whole(text)[:LONGEST_TEXT]

    def whole(self, text: str) -> str:
        """The text without any of them, however long."""
        for form in self._forms:
            text = text.replace(form, "***")
        return _TOKEN.sub(r"\1***", text)


def _forms_of(secret: str) -> Iterator[str]:
    yield secret
    for encoded in (quote(secret, safe=""), quote(secret), quote_plus(secret)):
        yield encoded
        yield re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), encoded)
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield html.escape(secret)
    yield from _inside_base64(secret.encode())
    if secret.startswith(("http://", "https://")):
        # A webhook's address: libraries name its path alone.
        yield secret.partition("://")[2].partition("/")[2] or secret
        yield urlsplit(secret).path.strip("/")


def _inside_base64(data: bytes) -> Iterator[str]:
    """What stays of it in the base64 of a longer text, as in `Authorization: Basic`, wherever it begins there."""
    for shift, unsure in ((0, 0), (1, 2), (2, 3)):
        padded = bytes(shift) + data
        for encode in (b64encode, urlsafe_b64encode):
            text = encode(padded).decode().rstrip("=")
            sure = text[unsure : -1 if len(padded) % 3 else None]
            if len(sure) >= 2 * SHORTEST:
                yield sure
