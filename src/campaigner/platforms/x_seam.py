"""What stands under tweepy in place of its requests.Session: our one HTTP seam, with the host that the config names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

from .http import Answer, Failed, HttpSession


class CallFailedError(Exception):
    """Carries a Failed through tweepy, which expects exceptions."""

    def __init__(self, failed: Failed) -> None:
        super().__init__(failed.reason)
        self.failed = failed


@dataclass(slots=True)
class _Response:
    """The little of a response that tweepy looks at. Headers and body stay with us, so that none can trip it."""

    status_code: int
    reason: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def json(self) -> dict[str, Any]:
        return {}


class Seam:
    """Stands where tweepy has its session: our time-outs and our host, set before the request is signed.

    tweepy 4.17 writes https://api.twitter.com into every URL and has no option for it.
    """

    def __init__(self, session: HttpSession) -> None:
        self._session = session
        self.answer = Answer(0, {}, b"")

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        auth: Any = None,
    ) -> _Response:
        """One call, signed for our host. tweepy's own headers name only tweepy, and are left away."""
        from requests import Request

        whole = self._session.base_url + urlsplit(url).path
        signed = Request(method, whole, params=params, json=json, auth=auth).prepare()
        body = signed.body.encode() if isinstance(signed.body, str) else signed.body
        answer = self._session.call(method, signed.url or whole, headers=signed.headers, data=body)
        if isinstance(answer, Failed):
            raise CallFailedError(answer)
        self.answer = answer
        return _Response(answer.status)
