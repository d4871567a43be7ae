"""What all accounts of a process share: connections that are kept between calls, and one watchdog that ends late calls.

A connection is opened here and used by hand, so that "bytes of this request went out" is known and not guessed.
"""

from __future__ import annotations

import os
import select
import socket
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from .url_safety import is_loopback, origin

if TYPE_CHECKING:
    import ssl

CONNECT_SECONDS = 10.0
READ_SECONDS = 20.0
MOST_IDLE_SECONDS = 15.0
"""A connection that was idle for longer is not used again: what lies between may have forgotten it without a word."""
DISTRUST_SECONDS = 24 * 3600.0
PATIENCE_SECONDS = 0.05
"""A server that closes after each answer has done so by then, though it never said that it would."""
_PORTS = {"http": 80, "https": 443}


class CallEndedError(OSError):
    """The call was ended before its request went out."""


class Call:
    """What one call has done so far. `end` may come from another thread at any moment."""

    def __init__(self) -> None:
        self.sent = False
        self.ended = ""
        self._connection: Connection | None = None
        self._lock = threading.Lock()

    def use(self, connection: Connection | None) -> None:
        """From now on `end` shuts this connection down; None: no connection is this call's any more."""
        with self._lock:
            self._connection = connection

    def begin(self) -> None:
        """The first byte of the request is about to go out."""
        self.refuse_if_ended()
        self.sent = True

    def refuse_if_ended(self) -> None:
        """Raise CallEndedError when the call was ended; nothing may go out then."""
        if self.ended:
            raise CallEndedError(self.ended)

    def end(self, why: str) -> None:
        """Shut the connection of this call down, whatever it waits for; the first reason stays."""
        with self._lock:
            self.ended = self.ended or why
            if self._connection is not None:
                self._connection.shut()


class Connection:
    """One connection to one place. Raises OSError for whatever goes wrong while it is made."""

    def __init__(self, place: str, proxy: str, tls: ssl.SSLContext | None) -> None:
        from http.client import HTTPConnection

        self.place = place
        self.proxy_at_work = ""
        self.is_used = False
        self.idle_since = 0.0
        self._tls = tls
        self._proxy = urlsplit(proxy)
        self._handle: socket.socket | None = None
        host, port = _address_of(place)
        self._host = host
        if proxy:
            self.http = HTTPConnection(*_address_of(proxy), timeout=CONNECT_SECONDS)
            self.http.set_tunnel(host, port, _login_of(proxy))
        else:
            self.http = HTTPConnection(host, port, timeout=CONNECT_SECONDS)
        # Where there is no connection none is made by the way: whether bytes went out would not be known.
        self.http.auto_open = 0

    def open(self, call: Call) -> None:
        """Connect, through the proxy and with TLS where that is wanted. `proxy_at_work` names one that is asked just now."""
        call.use(self)
        self.proxy_at_work = self._proxy.netloc.rpartition("@")[2]
        if self._proxy.scheme not in ("", "http"):
            raise OSError(f"it is {self._proxy.scheme}://, and only http:// proxies are spoken to")
        self.http.connect()
        self.proxy_at_work = ""
        wire = self.http.sock
        # A second handle: while TLS shakes hands the first one is taken away, and `shut` would find nothing.
        self._handle = socket.socket(fileno=os.dup(wire.fileno()))
        call.refuse_if_ended()
        wire.settimeout(READ_SECONDS)
        if self._tls is not None:
            self.http.sock = self._tls.wrap_socket(wire, server_hostname=self._host)

    def send(self, body: bytes | None) -> None:
        """Send what was put into the request's head, and its body, in one piece: they are one packet mostly."""
        pieces: list[bytes] = []
        self.http.send = pieces.append  # type: ignore[assignment]
        self.http.endheaders(body)
        del self.http.send
        self.http.sock.sendall(b"".join(pieces))

    def is_open(self, patience: float) -> bool:
        """False once anything can be read of it, which before a request is its end, or no answer of ours.

        `patience`: so many seconds after its last answer it is waited for that.
        """
        idle = time.monotonic() - self.idle_since
        if self.http.sock is None or idle > MOST_IDLE_SECONDS:
            return False
        looker = select.poll()
        looker.register(self.http.sock, select.POLLIN | select.POLLHUP | select.POLLERR)
        return not looker.poll(max(patience - idle, 0.0) * 1000)

    def shut(self) -> None:
        """End it from another thread, whatever it waits for."""
        wire = self._handle or self.http.sock
        if wire is not None:
            try:
                wire.shutdown(socket.SHUT_RDWR)
            except OSError:
                return

    def close(self) -> None:
        """Let go of it."""
        self.http.close()
        if self._handle is not None:
            self._handle.close()


class Network:
    """Shared by the sessions of all accounts, and safe from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: dict[str, list[Connection]] = {}
        self._distrusted_until: dict[str, float] = {}
        self._keepers: set[str] = set()
        self._proxies: dict[str, str] = {}
        self._tls: ssl.SSLContext | None = None
        self._watchdog = _Watchdog()

    def proxy_of(self, url: str) -> str:
        """The proxy between here and there, as this machine's settings name it; looked up once. Empty without one."""
        place = origin(url)
        if place not in self._proxies:
            self._proxies[place] = "" if is_loopback(url) else _proxy_by_settings(url)
        return self._proxies[place]

    def connection(self, place: str) -> Connection:
        """A connection that is kept, else a new one to be opened.

        Before a kept one is used its server must have been seen to keep connections. Where it has dropped one in the
        middle of a call all the same, it gets new ones for a day.
        """
        if time.monotonic() >= self._distrusted_until.get(place, 0.0):
            patience = 0.0 if place in self._keepers else PATIENCE_SECONDS
            while (kept := self._taken(place)) is not None:
                if kept.is_open(patience):
                    kept.is_used = True
                    self._keepers.add(place)
                    return kept
                kept.close()
        return Connection(place, self.proxy_of(place), self._tls_of(place))

    def keep(self, connection: Connection) -> None:
        """Give a connection back whose answer was read to its end; those that nobody took for long are closed."""
        connection.idle_since = time.monotonic()
        with self._lock:
            idle = self._idle.setdefault(connection.place, [])
            fresh = [one for one in idle if one.idle_since > connection.idle_since - MOST_IDLE_SECONDS]
            self._idle[connection.place] = [*fresh, connection]
        for stale in idle[: len(idle) - len(fresh)]:
            stale.close()

    def distrust(self, place: str) -> None:
        """The server has dropped a kept connection without an answer."""
        with self._lock:
            self._distrusted_until[place] = time.monotonic() + DISTRUST_SECONDS

    @contextmanager
    def watched(self, call: Call, seconds: float) -> Iterator[None]:
        """End the call if it is not over after so many seconds."""
        self._watchdog.watch(call, seconds)
        try:
            yield
        finally:
            self._watchdog.forget(call)
            call.use(None)

    def close(self) -> None:
        """Close what is idle; later calls open new connections."""
        with self._lock:
            kept = [connection for idle in self._idle.values() for connection in idle]
            self._idle.clear()
        for connection in kept:
            connection.close()

    def __del__(self) -> None:
        self.close()

    def _taken(self, place: str) -> Connection | None:
        with self._lock:
            idle = self._idle.get(place)
            return idle.pop() if idle else None

    def _tls_of(self, place: str) -> ssl.SSLContext | None:
        if not place.startswith("https:"):
            return None
        with self._lock:
            self._tls = self._tls or _tls_by_settings()
            return self._tls


class _Watchdog:
    """One thread for all calls in flight. It sleeps until the first of them is late, and ends when there are none."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._late_at: dict[Call, tuple[float, str]] = {}
        self._wakes_at = 0.0
        self._thread: threading.Thread | None = None

    def watch(self, call: Call, seconds: float) -> None:
        late_at = time.monotonic() + seconds
        with self._changed:
            self._late_at[call] = late_at, f"no whole answer within {seconds:g} s"
            if self._thread is None or not self._thread.is_alive():
                self._wakes_at = late_at
                self._thread = threading.Thread(target=self._run, name="call watchdog", daemon=True)
                self._thread.start()
            elif late_at < self._wakes_at:
                self._changed.notify()

    def forget(self, call: Call) -> None:
        with self._changed:
            self._late_at.pop(call, None)

    def _run(self) -> None:
        with self._changed:
            while self._late_at:
                now = time.monotonic()
                for call, (late_at, why) in list(self._late_at.items()):
                    if late_at <= now:
                        del self._late_at[call]
                        call.end(why)
                self._wakes_at = min((late_at for late_at, _ in self._late_at.values()), default=now)
                self._changed.wait(max(self._wakes_at - now, 0.0))
            self._thread = None


def _address_of(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    # An international name as it goes over the wire, also in what a proxy is asked for.
    return host if host.isascii() else host.encode("idna").decode(), parts.port or _PORTS.get(parts.scheme, 443)


def _login_of(proxy: str) -> dict[str, str]:
    parts = urlsplit(proxy)
    if parts.username is None:
        return {}
    login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {"Proxy-Authorization": f"Basic {b64encode(login.encode()).decode()}"}


def _proxy_by_settings(url: str) -> str:
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(url)
    proxies = getproxies()
    found = proxies.get(parts.scheme) or proxies.get("all") or ""
    if not found or proxy_bypass(parts.netloc):
        return ""
    return found if "://" in found else f"http://{found}"


def _tls_by_settings() -> ssl.SSLContext:
    """Believes whom certifi lists, or whom REQUESTS_CA_BUNDLE or SSL_CERT_FILE names: a file or a folder."""
    import ssl

    import certifi

    named = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or certifi.where()
    is_folder = Path(named).is_dir()
    try:
        context = ssl.create_default_context(cafile=None if is_folder else named, capath=named if is_folder else None)
    except OSError as error:
        raise OSError(f"the certificates that are named to believe, {named}, can't be read: {error}") from error
    context.set_alpn_protocols(["http/1.1"])
    return context
