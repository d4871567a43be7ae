"""What every fake shares: accounts, routes, quotas, media, and the journal of what was committed."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from itertools import count
from math import ceil
from typing import Any, ClassVar, TypeVar

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from ..clock import Clock
from ..post.profile import Profile
from .http_messages import Answer, RefusedError, Request
from .proxy import FakeServer

ACCOUNT = "campaigner"
"""The account that a fake has when none is named."""
SIGNATURES = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
Act = TypeVar("Act", bound=Callable[..., Any])


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


@dataclass(slots=True, kw_only=True)
class Medium:
    """What was uploaded and may be attached. `waits`: how often it is asked for before it is ready."""

    owner: str
    image: PostedImage
    uploaded_at: datetime
    waits: int = 0
    attached: bool = False


@dataclass(frozen=True, slots=True)
class Quota:
    """So many calls in any stretch of `period`."""

    name: str
    calls: int
    period: timedelta


def quotas(**each: tuple[int, int]) -> dict[str, Quota]:
    """Quotas by name: so many calls in so many minutes."""
    return {name: Quota(name, calls, timedelta(minutes=minutes)) for name, (calls, minutes) in each.items()}


@dataclass(frozen=True, slots=True)
class Spent:
    """What is left of a quota, when its oldest call is forgotten, and how many seconds to wait if it is used up."""

    quota: Quota
    left: int
    reset_at: datetime
    wait: int


def route(method: str, path: str, quota: str = "") -> Callable[[Act], Act]:
    """Mark what answers to a path, which is a rule of Werkzeug's; it is handed the request and the path's parts.

    With a quota only accounts may call it, so many times: it is handed the account behind the request.
    """

    def mark(act: Act) -> Act:
        act.route = (method, path, quota)  # type: ignore[attr-defined]
        return act

    return mark


class FakePlatform(FakeServer):
    """A platform in a box. `journal` holds every commit in order, also of what was deleted later (see `deleted`),
    `uploads` the bytes of every image that was taken. `on_commit` is told of each commit.

    GET /_journal gives the journal as JSON. What is here is a platform with a token for each account, errors as
    `{"error": "words"}` and resets in seconds since 1970; one in a box states where its own differs, and its routes.
    """

    platform: ClassVar[str]
    rate_prefix: ClassVar[str] = "X-RateLimit-"
    """How the headers begin that tell what is left of a quota."""
    media_life: ClassVar[timedelta] = timedelta(days=365)
    """For how long an upload may be attached."""
    _routes: Map

    def __init_subclass__(cls) -> None:
        """Werkzeug takes its time to compile a rule: once for all fakes of a platform."""
        acts: list[Any] = [getattr(cls, name, None) for name in dir(cls)]
        found = [(act, *act.route) for act in acts if hasattr(act, "route")]
        rules = [Rule(path, methods=[method], endpoint=(act, quota)) for act, method, path, quota in found]
        cls._routes = Map(rules, strict_slashes=False, merge_slashes=False)

    def __init__(
        self,
        *,
        accounts: Sequence[str] = (ACCOUNT,),
        port: int = 0,
        clock: Clock | None = None,
        quotas: Mapping[str, Quota] | None = None,
    ) -> None:
        super().__init__(port=port, clock=clock)
        self.accounts = tuple(accounts)
        self.quotas = quotas or {}
        self.journal: list[PublishedPost] = []
        self.deleted: set[str] = set()
        self.uploads: list[bytes] = []
        self.media: dict[str, Medium] = {}
        self.numbers = count(1)
        self.on_commit: Callable[[PublishedPost], object] = id
        self._calls: defaultdict[tuple[str, str], deque[datetime]] = defaultdict(deque)

    def options(self, account: str = ACCOUNT) -> dict[str, str]:
        """The options with which an account of the config reaches this fake, secrets in plain."""
        return {"server": self.url, "access_token": f"{account}-token"}

    def not_found(self, request: Request) -> Answer:
        """What the platform says of a path it does not know."""
        return refusal(404, "Record not found").answer

    def no_post(self, id: str) -> RefusedError:
        """What the platform says of a post that readers do not see."""
        return refusal(404, "Record not found")

    def account_of(self, request: Request) -> str:
        """Whose request this is; raise RefusedError when it is nobody's."""
        for name in self.accounts:
            if request.bearer == f"{name}-token":
                return name
        raise RefusedError(self.expired(request))

    def next_id(self) -> str:
        """An id as the platform gives it, for a post or an upload."""
        return str(next(self.numbers))

    def no_json(self) -> RefusedError:
        """What the platform says of a body that is no JSON object."""
        return refusal(400, "the body is no JSON object")

    def asked(self, request: Request) -> dict[str, Any]:
        """What a body asks for; raises RefusedError when it is no JSON object."""
        try:
            return request.json()
        except ValueError:
            raise self.no_json() from None

    def reset_of(self, instant: datetime) -> str:
        """How the platform writes when a quota is whole again."""
        return str(int(instant.timestamp()))

    def rate_headers(self, spent: Spent) -> dict[str, str]:
        """How the platform tells what is left of a quota."""
        told = {"Limit": spent.quota.calls, "Remaining": spent.left, "Reset": self.reset_of(spent.reset_at)}
        return {f"{self.rate_prefix}{name}": str(value) for name, value in told.items()}

    def follow(self, profile: Profile) -> None:
        """Enforce the limits that are known of a server, where it may have others than most."""

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
        found = (posted for posted in reversed(self.journal) if posted.id == id and id not in self.deleted)
        return next(found, None)

    def found(self, id: str) -> PublishedPost:
        """The same; raises RefusedError when there is none."""
        posted = self.find(id)
        if posted is None:
            raise self.no_post(id)
        return posted

    def commit(self, **fields: Any) -> PublishedPost:
        """From now on readers see it."""
        self.journal.append(PublishedPost(at=self.clock.now(), **fields))
        self.on_commit(self.journal[-1])
        return self.journal[-1]

    def carry_out(self, request: Request) -> Answer:
        answer = super().carry_out(request)
        return replace(answer, headers={"Date": format_datetime(self.clock.now(), usegmt=True), **answer.headers})

    def answer(self, request: Request) -> Answer:
        try:
            (act, quota), parts = self._routes.bind("").match(request.path, request.method)
        except HTTPException:
            return self.not_found(request)
        try:
            return self._limited(request, act, parts, quota) if quota else _answered(act, self, request, **parts)
        except RefusedError as refused:
            return refused.answer

    def _limited(self, request: Request, act: Callable[..., Any], parts: Mapping[str, str], quota: str) -> Answer:
        account = self.account_of(request)
        spent = self.spend(account, self.quotas[quota])
        answer = _answered(act, self, request, account, **parts)
        return replace(answer, headers={**self.rate_headers(spent), **answer.headers})

    def keep_image(self, account: str, data: bytes, *, alt: str = "", waits: int = 0) -> str:
        """Keep what was uploaded until it is attached; its id."""
        self.uploads.append(data)
        image = PostedImage(alt=alt, media_type=media_type_of(data) or "", size=len(data))
        id = self.next_id()
        self.media[id] = Medium(owner=account, image=image, uploaded_at=self.clock.now(), waits=waits)
        return id

    def own_medium(self, id: Any, account: str) -> Medium | None:
        """An upload that this account may still attach."""
        medium = self.media.get(str(id))
        is_own = medium is not None and medium.owner == account and not medium.attached
        return medium if medium and is_own and self.clock.now() < medium.uploaded_at + self.media_life else None

    def spend(self, who: str, quota: Quota, cost: int = 1) -> Spent:
        """Count one call against a quota, or what it costs; raise RefusedError when it was one too many."""
        now = self.clock.now()
        calls = self._calls[who, quota.name]
        while calls and calls[0] <= now - quota.period:
            calls.popleft()
        reset_at = (calls[0] if calls else now) + quota.period
        if len(calls) + cost > quota.calls:
            wait = ceil((reset_at - now).total_seconds())
            raise RefusedError(self.too_many(self.rate_headers(Spent(quota, 0, reset_at, wait))))
        calls.extend([now] * cost)
        return Spent(quota, quota.calls - len(calls), reset_at, 0)

    def control(self, request: Request) -> Answer | None:
        if (request.method, request.path) != ("GET", "/_journal"):
            return super().control(request)
        with self._state:
            return Answer.json([self._as_json(posted) for posted in self.journal])

    def _as_json(self, posted: PublishedPost) -> dict[str, Any]:
        return {**asdict(posted), "at": posted.at.isoformat(), "deleted": posted.id in self.deleted}


def _answered(act: Callable[..., Any], *arguments: Any, **parts: str) -> Answer:
    """What it answers, as it is refused or as JSON where it is not an Answer yet."""
    try:
        found = act(*arguments, **parts)
    except RefusedError as refused:
        return refused.answer
    return found if isinstance(found, Answer) else Answer.json(found)


def refusal(status: int, message: str) -> RefusedError:
    """A refusal in the words of Mastodon, and of many that were made after it."""
    return RefusedError(Answer.json({"error": message}, status))


def media_type_of(data: bytes) -> str | None:
    """What an image is by its first bytes; None when it is no image that a platform takes."""
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in SIGNATURES.items() if data.startswith(start)), None)
