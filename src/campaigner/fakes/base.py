"""What every fake shares: accounts, routes, quotas, and the journal of what was committed."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from math import ceil
from typing import Any

from ..clock import Clock
from .http_messages import Answer, RefusedError, Request
from .proxy import FakeServer

ACCOUNT = "campaigner"
"""The account that a fake has when none is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedImage:
    """An image of a commit, with the alt text that readers hear."""

    alt: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedPost:
    """One commit: what readers saw from `at` on. `reply_to` is an id; `extra` is what only this platform has."""

    account: str
    id: str
    text: str
    languages: tuple[str, ...] = ()
    images: tuple[PostedImage, ...] = ()
    reply_to: str | None = None
    at: datetime
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Route:
    """`path` is a regular expression for the whole path; its groups are handed to `act` after the request."""

    method: str
    path: str
    act: Callable[..., Answer]


class FakePlatform(FakeServer):
    """A platform in a box. `journal` holds every commit in order, also of what was deleted later (see `deleted`),
    `uploads` the bytes of every image that was taken.

    GET /_journal gives the journal as JSON.
    """

    platform: str

    def __init__(self, *, accounts: Sequence[str] = (ACCOUNT,), port: int = 0, clock: Clock | None = None) -> None:
        super().__init__(port=port, clock=clock)
        self.accounts = tuple(accounts)
        self.journal: list[PublishedPost] = []
        self.deleted: set[str] = set()
        self.uploads: list[bytes] = []
        self._quotas: dict[tuple[str, str], list[datetime]] = {}

    @abstractmethod
    def routes(self) -> tuple[Route, ...]:
        """What this platform answers to."""

    @abstractmethod
    def options(self, account: str = ACCOUNT) -> dict[str, str]:
        """The options with which an account of the config reaches this fake, secrets in plain."""

    @abstractmethod
    def not_found(self, request: Request) -> Answer:
        """What the platform says of a path it does not know."""

    @property
    def visible(self) -> list[PublishedPost]:
        """What readers see now: of an id that was written twice, the last."""
        last = {posted.id: posted for posted in self.journal}
        return [posted for posted in last.values() if posted.id not in self.deleted]

    @property
    def texts(self) -> list[str]:
        return [posted.text for posted in self.visible]

    def find(self, id: str) -> PublishedPost | None:
        """A post that readers see now."""
        return next((posted for posted in self.visible if posted.id == id), None)

    def carry_out(self, request: Request) -> Answer:
        answer = super().carry_out(request)
        return replace(answer, headers={"Date": format_datetime(self.clock.now(), usegmt=True), **answer.headers})

    def answer(self, request: Request) -> Answer:
        for route in self.routes():
            matched = re.fullmatch(route.path, request.path)
            if matched and route.method == request.method:
                try:
                    return route.act(request, *matched.groups())
                except RefusedError as refused:
                    return refused.answer
        return self.not_found(request)

    def control(self, request: Request) -> Answer | None:
        if (request.method, request.path) == ("GET", "/_journal"):
            with self._state:
                return Answer.json([self._as_json(posted) for posted in self.journal])
        return super().control(request)

    def _as_json(self, posted: PublishedPost) -> dict[str, Any]:
        return {**asdict(posted), "at": posted.at.isoformat(), "deleted": posted.id in self.deleted}

    def spend(self, who: str, quota: Quota) -> Spent:
        """Count one call against a quota; `left` is below zero when it was one too many and must be refused."""
        now = self.clock.now()
        times = self._quotas.setdefault((who, quota.name), [])
        times[:] = [at for at in times if at > now - quota.period]
        reset_at = (times[0] if times else now) + quota.period
        if len(times) >= quota.calls:
            return Spent(quota, -1, reset_at, ceil((reset_at - now).total_seconds()))
        times.append(now)
        return Spent(quota, quota.calls - len(times), reset_at, 0)


@dataclass(frozen=True, slots=True)
class Quota:
    """So many calls in any stretch of `period`."""

    name: str
    calls: int
    period: timedelta


@dataclass(frozen=True, slots=True)
class Spent:
    """What is left of a quota, when its oldest call is forgotten, and how many seconds to wait if it is used up."""

    quota: Quota
    left: int
    reset_at: datetime
    wait: int


def media_type_of(data: bytes) -> str | None:
    """What an image is by its first bytes; None when it is no image that a platform takes."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    return None
