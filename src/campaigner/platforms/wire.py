"""Connections that write down what became of a call: whether bytes went out, and how to end it at once."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection


class CallEndedError(OSError):
    """The call was ended before its request went out."""


class Call:
    """What one call has done so far. `end` may come from another thread at any moment."""

    def __init__(self) -> None:
        self.sent = False
        self.ended = ""
        self._handles: list[socket.socket] = []
        self._lock = threading.Lock()

    def watch(self, wire: socket.socket) -> None:
        """Keep a second handle on a connection: the first one is taken away while TLS shakes hands."""
        with self._lock:
            self._handles.append(socket.socket(fileno=os.dup(wire.fileno())))
        self._refuse_if_ended()

    def begin(self) -> None:
        """The first byte of the request is about to go out."""
        self._refuse_if_ended()
        self.sent = True

    def end(self, why: str) -> None:
        """Shut every connection of this call down, whatever it waits for."""
        with self._lock:
            self.ended = self.ended or why
            for handle in self._handles:
                try:
                    handle.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue

    def close(self) -> None:
        """Let go of the handles; the connections live on."""
        with self._lock:
            for handle in self._handles:
                handle.close()
            self._handles.clear()

    def _refuse_if_ended(self) -> None:
        if self.ended:
            raise CallEndedError(self.ended)


Current = Callable[[], Call]


def open_session(current: Current) -> requests.Session:
    """A session without netrc, cookies, redirects or repeats, whose connections report to the current call."""
    # urllib3 logs every URL, and some platforms' URLs hold their secret.
    logging.getLogger("urllib3").setLevel(logging.CRITICAL)
    session = _Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or True
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Adapter(current))
    return session


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """None: requests would read a redirect's whole body, without a limit, to see where it leads."""
        return None


class _Adapter(HTTPAdapter):
    """Makes connections of our kind, and never repeats a request by itself."""

    def __init__(self, current: Current) -> None:
        self._current = current
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pool_classes(self._current)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> PoolManager:
        manager: PoolManager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = _pool_classes(self._current)
        return manager


def _pool_classes(current: Current) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        connecting = False

        def connect(self) -> None:
            self.connecting = True
            try:
                super().connect()
            finally:
                self.connecting = False

        def _new_conn(self) -> socket.socket:
            return _watched(super()._new_conn(), current())

        def send(self, data: Any) -> None:
            _before_sending(self, current(), connecting=self.connecting)
            super().send(data)

    class Secure(HTTPSConnection):
        connecting = False

        def connect(self) -> None:
            self.connecting = True
            try:
                super().connect()
            finally:
                self.connecting = False

        def _new_conn(self) -> socket.socket:
            return _watched(super()._new_conn(), current())

        def send(self, data: Any) -> None:
            _before_sending(self, current(), connecting=self.connecting)
            super().send(data)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _watched(wire: socket.socket, call: Call) -> socket.socket:
    try:
        call.watch(wire)
    except OSError:
        wire.close()
        raise
    return wire


def _before_sending(connection: HTTPConnection, call: Call, *, connecting: bool) -> None:
    """Write down that bytes of the request go out; what a proxy is told while a tunnel is made is none of them."""
    if connecting:
        return
    if connection.sock is None:
        # http.client connects inside its first send: only once there is a socket can a byte have gone out.
        connection.connect()
    elif not call.sent:
        call.watch(connection.sock)
    call.begin()
