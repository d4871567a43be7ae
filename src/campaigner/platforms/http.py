"""The one HTTP seam: one account's calls, with time-outs on everything, redaction, and whether bytes of a call went out.

Exception names prove nothing: a refused connection and a reset after the whole request was sent are both
ConnectionError. So each connection is opened here (network.py), and a call is begun on it by hand.
"""

from __future__ import annotations

import json as json_format
import os
import zlib
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from .. import __version__
from ..clock import Clock
from .answers import Answer, Failed, server_date
from .network import Call, Connection, Network
from .reasons import is_elsewhere, on_one_line, plain, why, why_failed
from .redaction import Redactor
from .url_safety import is_safe, origin

if TYPE_CHECKING:
    from http.client import HTTPResponse

__all__ = ["Answer", "Failed", "HttpSession"]

DEADLINE_SECONDS = 30.0
MOST_ANSWER_BYTES = 4_000_000
_CHUNK = 65_536
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32
_HEADERS = {"User-Agent": f"campaigner/{__version__}", "Accept": "*/*", "Accept-Encoding": "identity"}
_OF_A_URL = "!#$%&'()*+,/:;=?@[]~"
"""What stands in an address as it is, beside letters and digits (RFC 3986)."""

File = tuple[str, bytes, str]
"""A file to be sent: its name, its bytes, its media type."""


class _Request(NamedTuple):
    method: str
    url: str
    place: str
    target: str
    headers: Mapping[str, str]
    body: bytes | None


class HttpSession:
    """HTTP for one account: its own hosts only, https except to this machine, no redirects, no netrc, no cookies.

    A redirect or a web page in the API's place is a failed call, unless it `takes_pages`. `secrets` never appear in a
    reason. `deadline_seconds` bounds a whole call, its connection and its answer included.
    Not for several threads at a time, but for `close`.
    """

    def __init__(
        self,
        clock: Clock,
        base_url: str,
        secrets: Iterable[str] = (),
        *,
        network: Network | None = None,
        deadline_seconds: float = DEADLINE_SECONDS,
        most_bytes: int = MOST_ANSWER_BYTES,
        takes_pages: bool = False,
    ) -> None:
        self.clock = clock
        self.base_url = base_url.rstrip("/")
        self.redact = Redactor(secrets)
        self._network = network or Network()
        self._is_alone = network is None
        self._deadline_seconds = deadline_seconds
        self._most_bytes = most_bytes
        self._takes_pages = takes_pages
        self._places: set[str] = set()
        self._call = Call()
        self._closed = False
        self._dated: tuple[str, datetime] | None = None
        self.allow(self.base_url)

    @property
    def clock_offset(self) -> timedelta | None:
        """How far the server's clock was ahead of ours at its last answer; None before one that was dated."""
        if self._dated is None:
            return None
        said, at = self._dated
        dated_at = server_date({"date": said})
        return dated_at - at if dated_at else None

    def allow(self, url: str) -> bool:
        """Let the account's credentials go to one more host; False when it is not https and not this machine."""
        place = origin(url)
        if place in self._places:
            return True
        if not place or not is_safe(url):
            return False
        self._places.add(place)
        self.redact.add(urlsplit(self._network.proxy_of(url)).password or "")
        return True

    def call(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        data: bytes | None = None,
        form: Mapping[str, str | File] | None = None,
        signs_in: bool = False,
    ) -> Answer | Failed:
        """One call. `path` is below the base URL, or a whole URL. The answer of one that `signs_in` may hold tokens."""
        url = path if path.startswith(("http://", "https://")) else self.base_url + path
        if params:
            url += ("&" if "?" in url else "?") + urlencode(params, doseq=True)
        own = dict(headers or {})
        if json is not None:
            data = json_format.dumps(json, allow_nan=False).encode()
            own["Content-Type"] = "application/json"
        elif form is not None:
            own["Content-Type"], data = _multipart(form)
        request = _Request(method, url, origin(url), _target(url), own, data)
        answer = self._refused(request) or self._sent(request)
        if isinstance(answer, Failed):
            return answer
        if is_elsewhere(answer) and not self._takes_pages:
            return self._failed(self.words(answer), url, lasts=True)
        if answer.is_success and not signs_in and self.redact.is_in(answer.body):
            # A success that says a secret back can't be read: its ids and addresses would be recorded and shown.
            return Answer(answer.status, answer.headers, b"", url, answer.sent)
        return answer

    def words(self, answer: Answer, said: object = "") -> str:
        """What an answer comes to, for people: what its server `said`, quoted and without secrets, or else what it is."""
        return (
            f"{self.redact.whole(why(answer, self.redact.whole(on_one_line(str(said or '')))))} (HTTP {answer.status})"
        )

    def close(self) -> None:
        """End a call in flight; safe from another thread. Connections that other accounts use too are kept."""
        self._closed = True
        self._call.end("campaigner was stopped")
        if self._is_alone:
            self._network.close()

    def _refused(self, request: _Request) -> Failed | None:
        self._call = Call()
        host = urlsplit(request.url).hostname if request.place not in self._places else ""
        if self._closed:
            return Failed("the connection was closed", before_sending=True)
        if host == "":
            return None
        why = "is not this account's host" if is_safe(request.url) else "is neither https nor this machine"
        return Failed(plain(self.redact(f"{host} {why}")), before_sending=True)

    def _sent(self, request: _Request) -> Answer | Failed:
        call = self._call
        connection: Connection | None = None
        with self._network.watchdog.watched(call, self._deadline_seconds):
            try:
                connection = self._network.connection(request.place)
                return self._exchanged(connection, request, call)
            except Exception as error:
                return self._of_error(error, request, call, connection)
            finally:
                call.use(None)
                if connection is not None:
                    connection.is_idle &= not call.ended
                    self._network.give_back(connection)

    def _exchanged(self, connection: Connection, request: _Request, call: Call) -> Answer | Failed:
        from http.client import HTTPResponse

        message = _head(request, connection.host_header) + (request.body or b"")
        if connection.is_used:
            call.use(connection)
        else:
            connection.open(call)
        call.begin()
        connection.sock.sendall(message)
        with closing(HTTPResponse(connection.sock, method=request.method)) as response:
            response.begin()
            headers = {name.lower(): value for name, value in response.headers.items()}
            body = self._body(response, headers)
            connection.is_idle = response.isclosed() and not response.will_close
        if call.ended:
            return self._failed(call.ended, request.url)
        if body is None:
            return self._failed(f"the answer is longer than {self._most_bytes} bytes", request.url)
        self._dated = (headers["date"], self.clock.now()) if "date" in headers else None
        return Answer(response.status, headers, body, request.url, len(request.body or b""))

    def _of_error(self, error: Exception, request: _Request, call: Call, connection: Connection | None) -> Failed:
        if call.ended:
            return self._failed(call.ended, request.url, before_sending=not call.sent)
        is_dropped = isinstance(error, OSError) and not isinstance(error, TimeoutError)
        if is_dropped and connection is not None and connection.is_used:
            self._network.distrust(request.place)
        words, lasts = why_failed(error, connection.proxy_at_work if connection is not None else "")
        return self._failed(words, request.url, before_sending=not call.sent, lasts=lasts)

    def _body(self, response: HTTPResponse, headers: Mapping[str, str]) -> bytes | None:
        """The whole body, None when it is too long; raises an exception when it can't be read to its end."""
        if response.length is not None and response.length > self._most_bytes:
            return None
        raw = response.read() if response.length is not None else self._body_of_unknown_length(response)
        # Identity was asked for; a server that compresses all the same is read within the limit, never beyond it.
        coding = headers.get("content-encoding", "identity").strip().lower()
        if raw is None or coding in ("identity", "") or not raw:
            return raw
        if coding not in ("gzip", "x-gzip", "deflate"):
            raise ValueError(f"the answer is encoded as {coding[:40]}, which was not asked for")
        return _inflated(raw, self._most_bytes)

    def _body_of_unknown_length(self, response: HTTPResponse) -> bytes | None:
        raw = bytearray()
        while chunk := response.read(_CHUNK):
            raw += chunk
            if len(raw) > self._most_bytes:
                return None
        return bytes(raw)

    def _failed(self, words: str, url: str, *, before_sending: bool = False, lasts: bool = False) -> Failed:
        host = urlsplit(url).netloc
        return Failed(self.redact.whole(f"{host}: {words}"), before_sending=before_sending, lasts=lasts)


def _target(url: str) -> str:
    """What of an address goes into the first line of a request."""
    parts = urlsplit(url)
    return quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=_OF_A_URL)


def _head(request: _Request, host: str) -> bytes:
    """Everything before the body; raises ValueError for what would be read as more than it is."""
    headers = {**_HEADERS, **request.headers, "Host": host}
    if request.body is not None or request.method != "GET":
        headers["Content-Length"] = str(len(request.body or b""))
    lines = [f"{request.method} {request.target} HTTP/1.1", *[f"{name}: {value}" for name, value in headers.items()]]
    if {"\r", "\n"}.intersection("".join(lines)):
        raise ValueError("a header holds a line break")
    return "\r\n".join([*lines, "\r\n"]).encode("latin-1")


def _multipart(form: Mapping[str, str | File]) -> tuple[str, bytes]:
    """A form with files (RFC 7578): its media type and its bytes."""
    boundary = os.urandom(16).hex()
    pieces = []
    for name, value in form.items():
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'
        if isinstance(value, str):
            pieces.append(f"{head}\r\n\r\n{value}".encode())
        else:
            file, data, media_type = value
            pieces.append(f'{head}; filename="{file}"\r\nContent-Type: {media_type}\r\n\r\n'.encode() + data)
    body = b"\r\n".join([*pieces, f"--{boundary}--\r\n".encode()])
    return f"multipart/form-data; boundary={boundary}", body


def _inflated(raw: bytes, most: int) -> bytes | None:
    stream = zlib.decompressobj(_GZIP_OR_ZLIB)
    body = stream.decompress(raw, most + 1)
    if len(body) > most:
        return None
    if not stream.eof:
        raise ValueError("the answer ends too early")
    return body
