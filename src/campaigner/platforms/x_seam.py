"""What stands under tweepy in place of its requests.Session: our one HTTP seam, with the host that the config names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

from .session import Answer, CallFailedError, Failed, HttpSession


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
        self.fresh = False
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
        """One call. tweepy's own headers name only tweepy, and are left away."""
        answer = self._session.call(method, urlsplit(url).path, params=params, json=json, auth=auth, fresh=self.fresh)
        if isinstance(answer, Failed):
            raise CallFailedError(answer)
        self.answer = answer
        return _Response(answer.status)
