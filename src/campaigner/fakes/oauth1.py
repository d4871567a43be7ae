"""OAuth 1.0a as a server checks it (RFC 5849): HMAC-SHA1 over what was really called."""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64encode
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from .http_messages import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The four secrets of one account's app."""

    api_key: str
    api_secret: str
    access_token: str
    access_token_secret: str


def parameters(request: Request) -> dict[str, str]:
    """The parameters of an Authorization header of OAuth, empty when there is none."""
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "oauth":
        return {}
    return {name: unquote(value) for name, value in re.findall(r'([a-z_]+)="([^"]*)"', rest)}


def is_signed(request: Request, credentials: Credentials) -> bool:
    """Whether the signature fits the method, the host and path that were called, and the query.

    A JSON or multipart body is not part of what is signed; a urlencoded one is.
    """
    given = parameters(request)
    if given.get("oauth_signature_method") != "HMAC-SHA1" or given.get("oauth_consumer_key") != credentials.api_key:
        return False
    return hmac.compare_digest(_signature(request, given, credentials), given.get("oauth_signature", ""))


def _signature(request: Request, given: dict[str, str], credentials: Credentials) -> str:
    pairs = [(name, value) for name, value in given.items() if name not in ("oauth_signature", "realm")]
    pairs += request.parameters
    if request.content_type == "application/x-www-form-urlencoded":
        pairs += request.form()
    encoded = sorted((_encode(name), _encode(value)) for name, value in pairs)
    base = "&".join(
        map(_encode, (request.method, _called_url(request), "&".join(f"{name}={value}" for name, value in encoded)))
    )
    key = f"{_encode(credentials.api_secret)}&{_encode(credentials.access_token_secret)}"
    return b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()).decode()


def _called_url(request: Request) -> str:
    host = request.headers.get("host", "").lower().removesuffix(":80")
    return f"http://{host}{urlsplit(request.target).path}"


def _encode(text: str) -> str:
    return quote(text, safe="-._~")
