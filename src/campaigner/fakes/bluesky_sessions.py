"""Sessions of a Bluesky PDS: access tokens for two hours, refresh tokens that are good for one exchange."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from .bluesky_lexicon import error
from .http_messages import RefusedError

ACCESS_LIFE = timedelta(hours=2)
REFRESH_LIFE = timedelta(days=90)
GRACE = timedelta(hours=2)
"""An exchanged refresh token gives the same successor for this long."""
_SECRET = b"a fake's secret"
ACCESS, REFRESH = "com.atproto.access", "com.atproto.refresh"


class Sessions:
    """Makes and checks tokens. `now` is the clock that they run out by."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._numbers = count(1)
        self._successors: dict[str, tuple[datetime, dict[str, str]]] = {}
        self._revoked: set[str] = set()
        self._issued: set[str] = set()

    def make(self, did: str) -> dict[str, str]:
        """A fresh pair of tokens."""
        return {
            "accessJwt": self._token(did, ACCESS, "at+jwt", ACCESS_LIFE),
            "refreshJwt": self._token(did, REFRESH, "refresh+jwt", REFRESH_LIFE),
        }

    def expire(self) -> None:
        """Every access token of before now has run out; refresh tokens have not."""
        self._revoked |= self._issued

    def did_of_access(self, token: str | None) -> str:
        """Whose access token this is; raises RefusedError as the PDS does: a bad or expired one is a 400."""
        if token is None:
            raise RefusedError(error(401, "AuthMissing", "Authentication Required"))
        return str(self._claims(token, ACCESS)["sub"])

    def refresh(self, token: str | None) -> tuple[str, dict[str, str]]:
        """Exchange a refresh token: the DID and the pair that follows it."""
        if token is None:
            raise RefusedError(error(401, "AuthMissing", "Authentication Required"))
        claims = self._claims(token, REFRESH)
        used_at, pair = self._successors.get(token, (None, {}))
        if used_at is None:
            pair = self.make(claims["sub"])
            self._successors[token] = self._now(), pair
        elif self._now() >= used_at + GRACE:
            raise RefusedError(error(400, "ExpiredToken", "Token has been revoked"))
        return claims["sub"], pair

    def _claims(self, token: str, scope: str) -> dict[str, Any]:
        claims = _read(token)
        if claims is None or claims.get("scope") != scope:
            raise RefusedError(error(400, "InvalidToken", "Token could not be verified"))
        if token in self._revoked or self._now().timestamp() >= claims["exp"]:
            raise RefusedError(error(400, "ExpiredToken", "Token has expired"))
        return claims

    def _token(self, did: str, scope: str, kind: str, life: timedelta) -> str:
        now = self._now()
        claims = {
            "scope": scope,
            "aud": "did:web:localhost",
            "sub": did,
            "iat": int(now.timestamp()),
            "exp": int((now + life).timestamp()),
            "jti": str(next(self._numbers)),
        }
        signed = f"{_encode({'typ': kind, 'alg': 'HS256'})}.{_encode(claims)}"
        token = f"{signed}.{_signature(signed)}"
        if scope == ACCESS:
            self._issued.add(token)
        return token


def _read(token: str) -> dict[str, Any] | None:
    """The claims of a token of ours; None when it is no token, or its signature is not ours."""
    signed, _, signature = token.rpartition(".")
    if not hmac.compare_digest(_signature(signed), signature):
        return None
    payload = signed.partition(".")[2]
    claims: dict[str, Any] = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


def _encode(data: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")


def _signature(signed: str) -> str:
    digest = hmac.new(_SECRET, signed.encode(), hashlib.sha256).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")
