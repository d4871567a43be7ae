"""The one HTTP seam: time-outs on everything, redaction, and what was written before a call failed.

Exception names prove nothing: a refused connection and a reset after the whole request was sent are both
ConnectionError. So the connections themselves (wire.py) write down when the first byte of a request went out.
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .. import __version__
from ..clock import Clock
from .answers import Answer, CallFailedError, Failed, header, rate_reset, retry_after, server_date
from .hosts import is_loopback, is_safe, origin
from .reasons import is_elsewhere, on_one_line, plain, why, why_failed
from .redaction import Redactor

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

    from .wire import Call

__all__ = ["Answer", "CallFailedError", "Failed", "HttpSession", "rate_reset", "retry_after", "server_date"]

CONNECT_SECONDS = 10.0
READ_SECONDS = 20.0
DEADLINE_SECONDS = 30.0
MOST_ANSWER_BYTES = 4_000_000
_CHUNK = 65_536
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32


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
        deadline_seconds: float = DEADLINE_SECONDS,
        most_bytes: int = MOST_ANSWER_BYTES,
        takes_pages: bool = False,
    ) -> None:
        from .wire import Call, open_session

        self.clock = clock
        self.base_url = base_url.rstrip("/")
        self.redact = Redactor(secrets)
        self._deadline_seconds = deadline_seconds
        self._most_bytes = most_bytes
        self._takes_pages = takes_pages
        self._proxies: dict[str, dict[str, str]] = {}
        self._call: Call = Call()
        self._closed = False
        self.clock_offset: timedelta | None = None
        """How far the server's clock was ahead of ours at its last answer; None before one that was dated."""
        self._session = open_session(lambda: self._call)
        self._session.headers.clear()
        self._session.headers.update(
            {"User-Agent": f"campaigner/{__version__}", "Accept": "*/*", "Accept-Encoding": "identity"}
        )
        self.allow(self.base_url)

    def allow(self, url: str) -> bool:
        """Let the account's credentials go to one more host; False when it is not https and not this machine."""
        from requests.utils import get_environ_proxies

        if not is_safe(url) or not origin(url):
            return False
        if origin(url) not in self._proxies:
            proxies = {} if is_loopback(url) else dict(get_environ_proxies(url))
            self._proxies[origin(url)] = proxies
            for proxy in proxies.values():
                self.redact.add(urlsplit(proxy).password or "")
        return True

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
        fresh: bool = True,
        signs_in: bool = False,
    ) -> Answer | Failed:
        """One call. `path` is below the base URL, or a whole URL. The answer of one that `signs_in` may hold tokens.

        `fresh` uses a new connection, which publishing calls need: an idle one may be closed already, as snac does
        without saying so, and that looks like an answer that was lost.
        """
        from requests import Request, RequestException

        url = path if path.startswith(("http://", "https://")) else f"{self.base_url}{path}"
        request = Request(
            method, url, headers=dict(headers or {}), params=params, json=json, data=data, files=files, auth=auth
        )
        try:
            prepared = self._session.prepare_request(request)
        except (RequestException, ValueError) as error:
            return Failed(plain(self.redact(str(error))), before_sending=True)
        answer = self.send(prepared, fresh=fresh)
        if isinstance(answer, Answer) and is_elsewhere(answer) and not self._takes_pages:
            return self._failed(self.words(answer), prepared, lasts=True)
        return answer if signs_in or isinstance(answer, Failed) else self._without_secrets(answer)

    def words(self, answer: Answer, said: object = "") -> str:
        """What an answer comes to, for people: what its server `said`, quoted and without secrets, or else what it is."""
        return (
            f"{self.redact.whole(why(answer, self.redact.whole(on_one_line(str(said or '')))))} (HTTP {answer.status})"
        )

    def send(self, prepared: PreparedRequest, *, fresh: bool = True) -> Answer | Failed:
        """Send a prepared request, within the deadline, and read its answer up to the limit."""
        from .wire import Call

        call = self._call = Call()
        refusal = self._refusal(prepared.url or "")
        if refusal:
            return Failed(refusal, before_sending=True)
        if fresh:
            self._session.get_adapter(prepared.url or "").close()
        why = f"no whole answer within {self._deadline_seconds:g} s"
        watchdog = threading.Timer(self._deadline_seconds, call.end, [why])
        watchdog.daemon = True
        watchdog.start()
        try:
            return self._read(prepared, call)
        except Exception as error:
            words, lasts = (call.ended, False) if call.ended else why_failed(error, self._proxy_of(prepared))
            return self._failed(words, prepared, before_sending=not call.sent, lasts=lasts)
        finally:
            watchdog.cancel()
            call.close()

    def close(self) -> None:
        """End a call in flight and let go of all connections; safe from another thread."""
        self._closed = True
        self._call.end("campaigner was stopped")
        self._session.close()

    def _refusal(self, url: str) -> str:
        if self._closed:
            return "the connection was closed"
        if not is_safe(url):
            return f"{urlsplit(url).hostname} is neither https nor this machine"
        if origin(url) not in self._proxies:
            return f"{urlsplit(url).hostname} is not this account's host"
        return ""

    def _read(self, prepared: PreparedRequest, call: Call) -> Answer | Failed:
        response = self._session.send(
            prepared,
            stream=True,
            allow_redirects=False,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            proxies=self._proxies[origin(prepared.url or "")],
            verify=self._session.verify,
        )
        with response:
            body = self._body(response)
        if call.ended:
            return self._failed(call.ended, prepared)
        if body is None:
            return self._failed(f"the answer is longer than {self._most_bytes} bytes", prepared)
        dated_at = server_date(response.headers)
        self.clock_offset = dated_at - self.clock.now() if dated_at else None
        sent = len(prepared.body) if isinstance(prepared.body, bytes | str) else 0
        return Answer(response.status_code, response.headers, body, prepared.url or "", sent)

    def _without_secrets(self, answer: Answer) -> Answer:
        """A success that says a secret back is one that can't be read: its ids and addresses would be recorded and shown."""
        if answer.is_success and self.redact.is_in(answer.body):
            return replace(answer, body=b"")
        return answer

    def _body(self, response: Response) -> bytes | None:
        """The whole body, None when it is too long; raises zlib.error and ValueError when it can't be read."""
        raw = bytearray()
        while chunk := response.raw.read(_CHUNK, decode_content=False):
            raw += chunk
            if len(raw) > self._most_bytes:
                return None
        # Identity was asked for; a server that compresses all the same is read within the limit, never beyond it.
        coding = (header(response.headers, "content-encoding") or "identity").strip().lower()
        if coding in ("identity", "") or not raw:
            return bytes(raw)
        if coding not in ("gzip", "x-gzip", "deflate"):
            raise ValueError(f"the answer is encoded as {coding[:40]}, which was not asked for")
        return _inflated(bytes(raw), self._most_bytes)

    def _proxy_of(self, prepared: PreparedRequest) -> str:
        """The host of the proxy that this call goes through, empty without one."""
        parts = urlsplit(prepared.url or "")
        proxies = self._proxies.get(origin(prepared.url or ""), {})
        return urlsplit(proxies.get(parts.scheme) or proxies.get("all") or "").netloc.rpartition("@")[2]

    def _failed(
        self, words: str, prepared: PreparedRequest, *, before_sending: bool = False, lasts: bool = False
    ) -> Failed:
        host = urlsplit(prepared.url or "").netloc
        return Failed(self.redact.whole(f"{host}: {words}"), before_sending=before_sending, lasts=lasts)


def _inflated(raw: bytes, most: int) -> bytes | None:
    stream = zlib.decompressobj(_GZIP_OR_ZLIB)
    body = stream.decompress(raw, most + 1)
    if len(body) > most:
        return None
    if not stream.eof:
        raise ValueError("the answer ends too early")
    return body
