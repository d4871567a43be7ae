"""Being signed in at a PDS: a session kept on disk, refreshed once when it has run out, and calls that carry it.

Facts: createSession is limited to 30 in five minutes, so a session serves every process; stale tokens are answered
with 400 ExpiredToken or InvalidToken, before anything is done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..clock import Clock
from ..errors import SurroundingsError
from .answers import Answer, Failed, as_fields, rate_reset
from .base import Unauthorized, Unavailable
from .hosts import is_loopback
from .reasons import ASK
from .tokens import TokenStore

if TYPE_CHECKING:
    from .http import HttpSession

STALE = frozenset({"ExpiredToken", "InvalidToken"})
REFUSED = frozenset(
    {"AuthMissing", "AuthenticationRequired", "AccountTakedown", "AuthFactorTokenRequired", "AccountDeactivated"}
)
_SERVER = "com.atproto.server"

Tokens = Mapping[str, str]


class BlueskyLogin:
    """One account's session. Its credentials go to the configured server and to the PDS that this server names."""

    def __init__(self, session: HttpSession, handle: str, password: str, clock: Clock, store: TokenStore) -> None:
        self._session = session
        self._handle = handle
        self._password = password
        self._clock = clock
        self._store = store

    def ask(self, method: str, name: str, **request: Any) -> Answer | Unauthorized | Unavailable:
        """Any call but the publishing one: it is safe to repeat."""
        answer = self.send(method, name, **request)
        return Unavailable(answer.reason, lasts=answer.lasts) if isinstance(answer, Failed) else answer

    def send(self, method: str, name: str, **request: Any) -> Answer | Failed | Unauthorized | Unavailable:
        """One call; a second one with new tokens when the first was refused for stale ones, and so did nothing."""
        tokens = self.tokens()
        if isinstance(tokens, Unauthorized | Unavailable):
            return tokens
        answer = self._call(method, name, tokens, request)
        if isinstance(answer, Failed) or error_of(answer) not in STALE:
            return answer
        tokens = self._refreshed(tokens)
        if isinstance(tokens, Unauthorized | Unavailable):
            return tokens
        return self._call(method, name, tokens, request)

    def tokens(self) -> Tokens | Unauthorized | Unavailable:
        """The session that is kept, else a new one."""
        kept = self._kept()
        if kept is not None:
            return kept
        return self._alone(lambda: self._kept() or self._sign_in())

    def _alone(self, act: Callable[[], Tokens | Unauthorized | Unavailable]) -> Tokens | Unauthorized | Unavailable:
        """While no other process signs in. A store that can't be written stops this account, and nothing else."""
        try:
            with self._store.locked() as mine:
                return act() if mine else Unavailable("another process of campaigner is signing in")
        except SurroundingsError as error:
            return Unavailable(f"{error}. {error.hint}")

    def trouble(self, answer: Answer) -> Unauthorized | Unavailable:
        """What an answer that is no success says of a call that can be repeated."""
        if answer.status in (401, 403) or error_of(answer) in REFUSED | STALE:
            return Unauthorized(self.words(answer))
        until = rate_reset(answer.headers, self._clock.now())
        return Unavailable(self.words(answer), until, lasts=not answer.fields())

    def words(self, answer: Answer) -> str:
        """The server's own words, without secrets."""
        found = answer.fields()
        return self._session.words(
            answer, ": ".join(str(found[name]) for name in ("error", "message") if found.get(name))
        )

    def _call(self, method: str, name: str, tokens: Tokens, request: Mapping[str, Any]) -> Answer | Failed:
        headers = {**request.get("headers", {}), "Authorization": f"Bearer {tokens['access']}"}
        server = tokens["pds"] if self._session.allow(tokens["pds"]) else self._session.base_url
        return self._session.call(method, f"{server}/xrpc/{name}", **{**request, "headers": headers})

    def _kept(self) -> Tokens | None:
        tokens = self._store.load()
        wanted = {"handle": self._handle, "server": self._session.base_url}
        if any(tokens.get(name) != value for name, value in wanted.items()):
            return None
        return self._secret(tokens) if tokens.keys() >= {"did", "access", "refresh", "pds"} else None

    def _refreshed(self, stale: Tokens) -> Tokens | Unauthorized | Unavailable:
        """New tokens by the refresh token, else by the app password; who waited for the lock takes what is there."""
        return self._alone(lambda: self._refresh(stale))

    def _refresh(self, stale: Tokens) -> Tokens | Unauthorized | Unavailable:
        kept = self._kept()
        if kept is not None and kept["access"] != stale["access"]:
            return kept
        headers = {"Authorization": f"Bearer {stale['refresh']}"}
        answer = self._session.call("POST", f"/xrpc/{_SERVER}.refreshSession", headers=headers, signs_in=True)
        if isinstance(answer, Failed):
            return Unavailable(answer.reason, lasts=answer.lasts)
        if answer.is_success:
            return self._saved(answer)
        return self._sign_in() if answer.status in (400, 401) else self.trouble(answer)

    def _sign_in(self) -> Tokens | Unauthorized | Unavailable:
        body = {"identifier": self._handle, "password": self._password}
        answer = self._session.call("POST", f"/xrpc/{_SERVER}.createSession", json=body, signs_in=True)
        if isinstance(answer, Failed):
            return Unavailable(answer.reason, lasts=answer.lasts)
        if answer.status in (404, 501):
            return Unavailable(f"{self.words(answer)}: no PDS is there, {ASK}", lasts=True)
        return self._saved(answer) if answer.is_success else self.trouble(answer)

    def _saved(self, answer: Answer) -> Tokens | Unavailable:
        found = answer.fields()
        tokens = {
            "handle": self._handle,
            "server": self._session.base_url,
            "pds": self._pds_of(found) or self._session.base_url,
            "did": str(found.get("did") or ""),
            "access": str(found.get("accessJwt") or ""),
            "refresh": str(found.get("refreshJwt") or ""),
        }
        if not all(tokens.values()):
            return Unavailable("the server's answer to the sign-in can't be read")
        self._store.save(tokens)
        return self._secret(tokens)

    def _pds_of(self, found: Mapping[str, Any]) -> str | None:
        """The account's own PDS, as its DID document names it: on the internet, when the server is.

        A server on this machine (a test's, or a proxy before one) is not left for what it names, nor may one on
        the internet send us to an address of this machine.
        """
        services = as_fields(found.get("didDoc")).get("service")
        for service in services if isinstance(services, list) else ():
            if as_fields(service).get("type") == "AtprotoPersonalDataServer":
                address = str(service.get("serviceEndpoint")).rstrip("/")
                is_near = is_loopback(self._session.base_url) or is_loopback(address)
                return address if address.startswith("https://") and not is_near else None
        return None

    def _secret(self, tokens: Tokens) -> Tokens:
        """The tokens, after making sure that no text of ours will show them."""
        for name in ("access", "refresh"):
            self._session.redact.add(tokens[name])
        return tokens


def error_of(answer: Answer) -> str:
    """The name of the error in an answer, empty when it is a success or names none."""
    return "" if answer.is_success else str(answer.fields().get("error") or "")
