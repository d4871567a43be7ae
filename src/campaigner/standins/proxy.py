"""A fault proxy: stands before any server, real or stand-in, and knows when the answer behind it is complete."""

from __future__ import annotations

from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from ..clock import Clock
from .messages import Answer, Request
from .server import LoopbackServer

UPSTREAM_SECONDS = 60
_OF_THE_CONNECTION = frozenset(
    {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "content-length", "te", "trailer", "upgrade"}
)


class FaultProxy(LoopbackServer):
    """Hands every request to `upstream`, reads the whole answer, and lets the faults decide what the client gets.

    The headers go on as they came, Host too (OAuth signs it). /_requests and /_faults are its own, /_journal and
    everything else go upstream.
    """

    def __init__(self, upstream: str, *, port: int = 0, clock: Clock | None = None) -> None:
        super().__init__(port=port, clock=clock)
        self.upstream = upstream

    def answer(self, request: Request) -> Answer:
        where = urlsplit(self.upstream)
        connection = HTTPConnection(where.hostname or "127.0.0.1", where.port or 80, timeout=UPSTREAM_SECONDS)
        try:
            return _forward(connection, request)
        except (OSError, HTTPException) as error:
            return Answer.json({"error": f"no whole answer from the server behind the proxy: {error}"}, 502)
        finally:
            connection.close()

    def carry_out(self, request: Request) -> Answer:
        """Requests side by side: what lies behind keeps its own order."""
        return self.answer(request)


def _forward(connection: HTTPConnection, request: Request) -> Answer:
    connection.putrequest(request.method, request.target, skip_host=True, skip_accept_encoding=True)
    for name, value in request.headers.items():
        if name not in _OF_THE_CONNECTION:
            connection.putheader(name, value)
    if request.body or request.method in ("POST", "PUT", "PATCH"):
        connection.putheader("Content-Length", str(len(request.body)))
    connection.endheaders(request.body or None)
    response = connection.getresponse()
    body = response.read()
    headers = {name: value for name, value in response.getheaders() if name.lower() not in _OF_THE_CONNECTION}
    return Answer(status=response.status, body=body, headers=headers)
