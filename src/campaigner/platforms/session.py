"""The one HTTP seam: time-outs on everything, redaction, and what was written before a call failed.

Exception names prove nothing: a refused connection and a reset after the whole request was sent are both ConnectionError.
So the connections themselves write down when they were made and when the first byte of a request went out.
"""

from __future__ import annotations

import base64
import json as json_module
import os
import re
import socket
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from .. import __version__
from ..clock import Clock

CONNECT_SECONDS = 10.0
READ_SECONDS = 20.0
DEADLINE_SECONDS = 30.0
MOST_ANSWER_BYTES = 4_000_000
CHUNK = 65_536
TOKEN_PATTERN = re.compile(r"(?i)(bearer |basic |oauth_token=|access_token=|token=)[^\s\"'&,]+")


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer of the server. `text` is for people and already redacted."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON, None when it is none."""
        try:
            return json_module.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Failed:
    """No whole answer came. `before_sending`: it is certain that no byte of the request went out."""

    reason: str
    before_sending: bool


class CallFailedError(Exception):
    """Carries a Failed through a library that expects exceptions."""

    def __init__(self, failed: Failed) -> None:
        super().__init__(failed.reason)
        self.failed = failed


@dataclass(slots=True)
class _Call:
    """What one call has done so far. The watchdog shuts its sockets when its time is over."""

    sent: bool = False
    over: bool = False
    connections: list[HTTPConnection] = field(default_factory=list)

    def end(self) -> None:
        self.over = True
        for connection in self.connections:
            sock = getattr(connection, "sock", None)
            if sock is not None:
                try:
                    sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass


class HttpSession:
    """HTTP for one account: its own host only, https except to this machine, no redirects, no netrc.

    `secrets` never appear in a reason. Not for several threads at a time, but for `close`.
    """

    def __init__(self, clock: Clock, base_url: str, secrets: Iterable[str] = ()) -> None:
        self.clock = clock
        self.base_url = base_url.rstrip("/")
        self._hosts = {_origin(self.base_url)}
        self._secrets = _forms_of(secrets)
        self._call: _Call | None = None
        self._closed = False
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.proxies = dict(requests.utils.get_environ_proxies(self.base_url))
        self._session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or True
        self._session.headers.update({"User-Agent": f"campaigner/{__version__}", "Accept-Encoding": "identity"})
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, _Adapter(self))

    def allow(self, url: str) -> bool:
        """Let the account's credentials go to one more host; False when it is not https and not this machine."""
        if not is_safe(url):
            return False
        self._hosts.add(_origin(url))
        return True

    def add_secret(self, secret: str) -> None:
        """Redact one more value from now on."""
        self._secrets = [*self._secrets, *_forms_of([secret])]

    def call(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        data: Any = None,
        files: Any = None,
        auth: Any = None,
        fresh: bool = False,
    ) -> Answer | Failed:
        """One call. `path` is below the base URL, or a whole URL; `fresh` uses a new connection, which publishing calls need."""
        url = path if path.startswith(("http://", "https://")) else f"{self.base_url}{path}"
        request = requests.Request(
            method, url, headers=dict(headers or {}), params=params, json=json, data=data, files=files, auth=auth
        )
        try:
            prepared = self._session.prepare_request(request)
        except (requests.RequestException, ValueError) as error:
            return Failed(self.redact(f"{error}"), before_sending=True)
        return self.send(prepared, fresh=fresh)

    def send(self, prepared: requests.PreparedRequest, *, fresh: bool = False) -> Answer | Failed:
        """Send a prepared request, within the total deadline, and read its answer up to the limit."""
        refusal = self._refusal(prepared.url or "")
        if refusal:
            return Failed(refusal, before_sending=True)
        if fresh:
            self._session.get_adapter(prepared.url or "").close()
        call = self._call = _Call()
        watchdog = threading.Timer(DEADLINE_SECONDS, call.end)
        watchdog.daemon = True
        watchdog.start()
        try:
            return self._read(prepared, call)
        except Exception as error:  # noqa: BLE001 - requests, urllib3, http.client and ssl raise dozens of kinds here
            return Failed(self._why(error, call), before_sending=not call.sent)
        finally:
            watchdog.cancel()
            self._call = None

    def _read(self, prepared: requests.PreparedRequest, call: _Call) -> Answer | Failed:
        response = self._session.send(
            prepared,
            stream=True,
            allow_redirects=False,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            proxies=dict(self._session.proxies),
            verify=self._session.verify,
        )
        with response:
            body = bytearray()
            while chunk := response.raw.read(CHUNK, decode_content=True):
                body += chunk
                if len(body) > MOST_ANSWER_BYTES:
                    return Failed(f"the answer is longer than {MOST_ANSWER_BYTES} bytes", before_sending=False)
            if call.over:
                return Failed(f"no whole answer within {DEADLINE_SECONDS:.0f} s", before_sending=False)
            return Answer(response.status_code, dict(response.headers), bytes(body))

    def redact(self, text: str) -> str:
        """The text without any secret of this account, at most 300 characters."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return TOKEN_PATTERN.sub(r"\1***", text)[:300]

    def close(self) -> None:
        """End a call in flight and let go of all connections; safe from another thread."""
        self._closed = True
        call = self._call
        if call is not None:
            call.end()
        self._session.close()

    def track(self, connection: HTTPConnection) -> None:
        """A connection of this session is being used by the present call."""
        if self._call is not None:
            self._call.connections.append(connection)

    def sending(self) -> None:
        """The first byte of the present call is about to go out."""
        if self._call is not None:
            self._call.sent = True

    def _refusal(self, url: str) -> str:
        if self._closed:
            return "the connection was closed"
        if not is_safe(url):
            return f"{_origin(url)} is neither https nor this machine"
        if _origin(url) not in self._hosts:
            return f"{_origin(url)} is not this account's host"
        return ""

    def _why(self, error: Exception, call: _Call) -> str:
        host = urlsplit(self.base_url).netloc
        if call.over:
            return f"{host}: no whole answer within {DEADLINE_SECONDS:.0f} s"
        cause = _root_cause(error)
        words = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
        return self.redact(f"{host}: {words}")


class _Adapter(HTTPAdapter):
    """Makes connections that report to their session, and never repeats a request by itself."""

    def __init__(self, owner: HttpSession) -> None:
        self._owner = owner
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pool_classes(self._owner)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> PoolManager:
        manager: PoolManager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = _pool_classes(self._owner)
        return manager


def _pool_classes(owner: HttpSession) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        def connect(self) -> None:
            owner.track(self)
            super().connect()

        def send(self, data: Any) -> None:
            _begin(self)
            super().send(data)

    class Secure(HTTPSConnection):
        def connect(self) -> None:
            owner.track(self)
            super().connect()

        def send(self, data: Any) -> None:
            _begin(self)
            super().send(data)

    def _begin(connection: HTTPConnection) -> None:
        # http.client connects inside its first send: only once there is a socket can a byte have gone out.
        if connection.sock is None:
            connection.connect()
        else:
            owner.track(connection)
        owner.sending()

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def is_safe(url: str) -> bool:
    """True for https, and for http to this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(url))


def is_loopback(url: str) -> bool:
    """True when the URL's host is this machine."""
    host = (urlsplit(url).hostname or "").casefold()
    return host in ("localhost", "::1") or re.fullmatch(r"127(\.\d{1,3}){3}", host) is not None


def retry_after(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When the server asks to be tried again: Retry-After in seconds or as a date (RFC 9110 10.2.3), else None."""
    value = _header(headers, "retry-after")
    if value is None:
        return None
    try:
        return now + timedelta(seconds=min(float(value), 86_400))
    except ValueError:
        pass
    try:
        found = parsedate_to_datetime(value)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def rate_reset(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When a rate limit is over: Retry-After, else the reset headers in epoch seconds (X, Bluesky) or ISO 8601 (Mastodon)."""
    found = [retry_after(headers, now)]
    names = [
        name for name in map(str.lower, headers) if "ratelimit" in name.replace("-", "").replace("limit24", "ratelimit")
    ]
    for name in names:
        if name.endswith("-reset") and _header(headers, name.removesuffix("reset") + "remaining") in ("0", None):
            found.append(_instant(_header(headers, name) or ""))
    known = [instant for instant in found if instant is not None]
    return max(known, default=None)


def server_date(headers: Mapping[str, str]) -> datetime | None:
    """The server's own time, from its Date header."""
    try:
        return parsedate_to_datetime(_header(headers, "date") or "")
    except ValueError:
        return None


def _instant(value: str) -> datetime | None:
    try:
        if re.fullmatch(r"\d{9,11}(\.\d+)?", value):
            return datetime.fromtimestamp(float(value), UTC)
        found = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _header(headers: Mapping[str, str], wanted: str) -> str | None:
    return next((value for name, value in headers.items() if name.lower() == wanted), None)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".casefold()


def _forms_of(secrets: Iterable[str]) -> list[str]:
    """Each secret as it is, percent-encoded, and as base64 of itself; longest first."""
    forms = set()
    for secret in secrets:
        if len(secret) > 3:
            forms |= {secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode()}
    return sorted(forms, key=len, reverse=True)


def _root_cause(error: BaseException) -> BaseException:
    seen = {id(error)}
    while True:
        reason = getattr(error, "reason", None)
        inner = reason if isinstance(reason, BaseException) else error.__cause__ or error.__context__
        if inner is None and error.args and isinstance(error.args[0], BaseException):
            inner = error.args[0]
        if inner is None or id(inner) in seen:
            return error
        seen.add(id(inner))
        error = inner
