"""Which hosts may be talked to: https anywhere, http only on this machine."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from ..campaign.kinds import FieldError, One
from ..errors import shown

_PORTS = {"http": 80, "https": 443}


def is_safe(url: str) -> bool:
    """True for https, and for http to this machine."""
    parts = _split(url)
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(url)))


def is_loopback(url: str) -> bool:
    """True when the URL's host is this machine."""
    host = (_split(url).hostname or "").casefold()
    return host in ("localhost", "::1") or re.fullmatch(r"127(\.\d{1,3}){3}", host) is not None


def origin(url: str) -> str:
    """Scheme, host and port; the same for all spellings of one place, and empty for what is no place at all."""
    parts = _split(url)
    try:
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return ""
    if not parts.hostname or "@" in parts.netloc:
        return ""
    host = parts.hostname.casefold()
    return f"{parts.scheme}://[{host}]:{port}" if ":" in host else f"{parts.scheme}://{host}:{port}"


_WEBSITES = {"bsky.app": "https://bsky.social", "x.com": "https://api.x.com", "twitter.com": "https://api.x.com"}
"""Where people read what their servers take."""


def read_server(value: str) -> str:
    """The address of a server, as a config has it."""
    address = value.strip().rstrip("/")
    parts = _split(address)
    help_ = "Write it as in https://mastodon.social; http:// is only for this machine."
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise FieldError("server", "a server's address holds no name, password or question", help_)
    if not is_safe(address) or not origin(address):
        raise FieldError("server", f'"{shown(value)}" is no address of a server', help_)
    if found := re.search(r"/(@.*|api(/.*)?|xrpc(/.*)?|web(/.*)?|home|about|profile/.*|deck/.*)$", parts.path):
        host = address.removesuffix(found[0])
        raise FieldError(
            "server", f'"{shown(value)}" is the address of a page or a call, not of a server', f"Write {host}"
        )
    if parts.hostname in _WEBSITES:
        help_ = f"Write {_WEBSITES[parts.hostname]}, or leave the line away."
        raise FieldError("server", f'"{shown(value)}" is a website, which takes no posts', help_)
    return address


@lru_cache(64)
def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


Server = Annotated[str, One(read_server, {"type": "string", "pattern": "^https?://"})]
"""The option of an account that says where its server is."""
