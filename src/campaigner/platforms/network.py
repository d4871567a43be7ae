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
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
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
        """Raise OSError when the call was ended; nothing may go out then."""
        if self.ended:
            raise ConnectionAbortedError(self.ended)

    def end(self, why: str) -> None:
        """Shut the connection of this call down, whatever it waits for; the first reason stays."""
        with self._lock:
            self.ended = self.ended or why
            if self._connection is not None:
                self._connection.shut()


class Connection(HTTPConnection):
    """One connection to one place. Raises OSError for whatever goes wrong while it is made.

    `host_header` names the place in a request. `is_used`: it has served a call before. `is_idle`: the answer to the
    last call was read to its end, and the server keeps it open.
    """

    def __init__(self, place: str, proxy: str, tls: ssl.SSLContext | None) -> None:
        super().__init__(*_address_of(proxy or place), timeout=CONNECT_SECONDS)
        self._name, port = _address_of(place)
        if proxy:
            self.set_tunnel(self._name, port, _login_of(proxy))
        self.place = place
        host = f"[{self._name}]" if ":" in self._name else self._name
        is_usual = port == (443 if place.startswith("https:") else 80)
        self.host_header = host if is_usual else f"{host}:{port}"
        self.proxy_at_work = ""
        self.is_used = False
        self.is_idle = False
        self.idle_since = 0.0
        self._tls = tls
        self._proxy = urlsplit(proxy)

    def open(self, call: Call) -> None:
        """Connect, through the proxy and with TLS where that is wanted. `proxy_at_work` names one that is asked just now."""
        call.use(self)
        self.proxy_at_work = self._proxy.netloc.rpartition("@")[2]
        if self._proxy.scheme not in ("", "http"):
            raise OSError(f"it is {self._proxy.scheme}://, and only http:// proxies are spoken to")
        self.connect()
        self.proxy_at_work = ""
        self.sock.settimeout(READ_SECONDS)
        call.refuse_if_ended()
        if self._tls is not None:
            # Put in place before it shakes hands: `shut` must find it meanwhile.
            self.sock = tls = self._tls.wrap_socket(
                self.sock, server_hostname=self._name, do_handshake_on_connect=False
            )
            call.refuse_if_ended()
            tls.do_handshake()

    def is_open(self, patience: float) -> bool:
        """False once anything can be read of it, which before a request is its end, or no answer of ours.

        `patience`: so many seconds after its last answer it is waited for that.
        """
        idle = time.monotonic() - self.idle_since
        if idle > MOST_IDLE_SECONDS:
            return False
        looker = select.poll()
        looker.register(self.sock, select.POLLIN | select.POLLHUP | select.POLLERR)
        return not looker.poll(max(patience - idle, 0.0) * 1000)

    def shut(self) -> None:
        """End it from another thread, whatever it waits for."""
        if self.sock is not None:
            with suppress(OSError):
                # Not as TLS does it, which would leave its reader to read on without it.
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


class Network:
    """Shared by the sessions of all accounts, and safe from many threads."""

    def __init__(self) -> None:
        self.watchdog = Watchdog()
        self._lock = threading.Lock()
        self._closed = False
        self._idle: defaultdict[str, list[Connection]] = defaultdict(list)
        self._distrusted_until: dict[str, float] = {}
        self._keepers: set[str] = set()
        self._proxies: dict[str, str] = {}
        self._tls: ssl.SSLContext | None = None

    def proxy_of(self, url: str) -> str:
        """The proxy between here and there, as this machine's settings name it; looked up once. Empty without one."""
        place = origin(url)
        if place not in self._proxies:
            self._proxies[place] = "" if is_loopback(url) else _proxy_by_settings(url)
        return self._proxies[place]

    def connection(self, place: str) -> Connection:
        """A connection that is kept, else a new one to be opened; `give_back` ends its use.

        Before a kept one is used its server must have been seen to keep connections. Where it has dropped one in the
        middle of a call all the same, it gets new ones for a day.
        """
        if time.monotonic() >= self._distrusted_until.get(place, 0.0):
            patience = 0.0 if place in self._keepers else PATIENCE_SECONDS
            while (kept := self._taken(place)) is not None:
                if kept.is_open(patience):
                    kept.is_used, kept.is_idle = True, False
                    self._keepers.add(place)
                    return kept
                kept.close()
        return Connection(place, self.proxy_of(place), self._tls_of(place))

    def give_back(self, connection: Connection) -> None:
        """Keep a connection that is idle, and close any other; also those that nobody took for long."""
        now = connection.idle_since = time.monotonic()
        closed = [connection]
        if connection.is_idle:
            with self._lock:
                if not self._closed:
                    idle = [*self._idle[connection.place], connection]
                    closed = [one for one in idle if one.idle_since < now - MOST_IDLE_SECONDS]
                    self._idle[connection.place] = idle[len(closed) :]
        for one in closed:
            one.close()

    def distrust(self, place: str) -> None:
        """The server has dropped a kept connection without an answer."""
        self._distrusted_until[place] = time.monotonic() + DISTRUST_SECONDS

    def close(self) -> None:
        """Close what is idle; later calls open new connections, of which none is kept."""
        with self._lock:
            self._closed = True
            kept = [connection for idle in self._idle.values() for connection in idle]
            self._idle.clear()
        for connection in kept:
            connection.close()

    def __del__(self) -> None:
        self.close()

    def _taken(self, place: str) -> Connection | None:
        with self._lock:
            idle = self._idle[place]
            return idle.pop() if idle else None

    def _tls_of(self, place: str) -> ssl.SSLContext | None:
        if not place.startswith("https:"):
            return None
        with self._lock:
            self._tls = self._tls or _tls_by_settings()
            return self._tls


class Watchdog:
    """One thread for all calls in flight. It sleeps until the first of them is late, and ends when there are none."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._late_at: dict[Call, tuple[float, str]] = {}
        self._wakes_at = 0.0
        self._thread: threading.Thread | None = None

    @contextmanager
    def watched(self, call: Call, seconds: float) -> Iterator[None]:
        """End the call if it is not over after so many seconds."""
        late_at = time.monotonic() + seconds
        with self._changed:
            self._late_at[call] = late_at, f"no whole answer within {seconds:g} s"
            if self._thread is None or not self._thread.is_alive():
                self._wakes_at = late_at
                self._thread = threading.Thread(target=self._run, name="call watchdog", daemon=True)
                self._thread.start()
            elif late_at < self._wakes_at:
                self._changed.notify()
        try:
            yield
        finally:
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
    return host if host.isascii() else host.encode("idna").decode(), parts.port or (
        80 if parts.scheme == "http" else 443
    )


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
