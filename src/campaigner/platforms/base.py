"""What every platform is, and the outcomes it may report. It knows nothing of retries, ledgers or campaigns.

A platform is a class of its own file: what it allows, how its posts are named, and a few calls. All that is the same for every
platform is done here once: what an answer means, looking for a post, and guarding the others against its faults.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from ..campaign.campaign import Model
from ..clock import Clock
from ..errors import AccountError, BrokenAccountError, SurroundingsError
from ..post.profile import Profile
from ..strict_yaml import composed
from .answers import Answer, Failed, id_of, instant_of, rate_reset, retry_after
from .compare import differences, search, why_another
from .outcomes import (
    Absent,
    AccountLimits,
    Alike,
    Another,
    Found,
    Identity,
    InDoubt,
    Look,
    Media,
    Outcome,
    PartToSend,
    Receipt,
    Reconciliation,
    Rejected,
    RemotePost,
    Stop,
    Unauthorized,
    Unavailable,
    Uploaded,
    in_plain_types,
    is_whole,
)
from .reasons import ASK, Sayings, is_refusal, is_said, saying

if TYPE_CHECKING:
    from .http import HttpSession
    from .network import Network

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])
_FINAL = frozenset({"identity", "prepare", "publish", "look", "find", "delete", "limits", "close"})
LOOK_BACK = timedelta(minutes=10)
"""A look begins so long before the first attempt, by the server's clock."""
TRY_AGAIN = timedelta(seconds=10)
"""What is not ready or not seen yet is so by then."""


Show = Callable[[str, PartToSend], None]
"""Shows a part that an account (its name) of the console has just posted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What an account is connected with. `secrets` by option name; `folder` is for tokens and journals, None: in memory.

    `network` is shared by all accounts, so that they keep connections to a server together; None: it has its own.
    """

    account: str
    options: Any
    secrets: Mapping[str, str]
    clock: Clock
    folder: Path | None
    show: Show
    limits: Profile
    network: Network | None = None


def guarded(account: str, what: str, act: Callable[[], T]) -> T:
    """Do this with an account's adapter; raises AccountError alone, whatever comes."""
    try:
        return act()
    except KeyboardInterrupt:
        raise
    except AccountError:
        raise
    except SurroundingsError as error:
        raise AccountError(f"account {account}: {error}", hint=error.hint) from error
    except BaseException as error:
        # Also SystemExit: an adapter that ends the program would end every account.
        raise BrokenAccountError(account, f"its adapter failed at `{what}`", error) from error


def _final(*kinds: type) -> Callable[[F], F]:
    """A call of ours to a platform: it gives an outcome of these kinds that is whole, or raises AccountError."""

    def of(act: F) -> F:
        def asked(self: Platform, *given: Any) -> Any:
            try:
                found = act(self, *given)
            except Stop as stop:
                found = stop.outcome
            if not isinstance(found, kinds) or not is_whole(found):
                kind = type(found).__name__
                raise TypeError(f"{act.__name__} gave a {kind}, which is none of its outcomes, or not whole")
            return in_plain_types(found)

        @wraps(act)
        def call(self: Platform, *given: Any) -> Any:
            return guarded(self.account, act.__name__, lambda: asked(self, *given))

        return cast(F, call)

    return of


class Platform:
    """A platform, and in its instances one account on it. Safe to use from one thread at a time.

    A platform states what it is in class attributes, and defines `whoami`, `send` and what else it has of the hooks
    below. Hooks neither sleep nor retry, and raise Stop for whatever a server or a network can do; most of that is done
    by `get` and `post`.
    """

    name: ClassVar[str]
    Options: ClassVar[type[Model]]
    profile: ClassVar[Profile]
    reconciliation: ClassVar[Reconciliation] = Reconciliation.NONE
    absence_after: ClassVar[timedelta | None] = None
    """How long after an attempt a look that finds nothing may be believed; None: never."""
    token_lasts: ClassVar[timedelta] = timedelta(minutes=50)
    """With NATIVE_KEY: for how long a repeat with the same `part.token` surely makes no twin."""
    post_url: ClassVar[str] = ""
    """The web address of a post, a regular expression with a group `id`."""
    said_in: ClassVar[tuple[str, ...]] = ("error_description", "description", "error", "message", "detail")
    """The fields of an answer that is no success which may have the platform's words; the first of them counts."""
    account_errors: ClassVar[Mapping[int | str, str]] = {401: ""}
    """What refuses the account, whatever was asked: a status, or a name of `error_name`; and words to say before its own."""
    forbidding: ClassVar[frozenset[int]] = frozenset({403})
    """The statuses that do so in all calls but the publishing one."""
    content_errors: ClassVar[frozenset[str]] = frozenset()
    """The names of errors that refuse the content of a post, whatever their words."""
    refusals: ClassVar[Sayings] = (saying({400, 422}, ""),)
    """Which words under which status do so; all else that is no success leaves a post in doubt."""
    account_refusals: ClassVar[Sayings] = ()
    """The same, for words that refuse the account where a post was to be published."""
    duplicates: ClassVar[Sayings] = ()
    """The same, for words that say that such a post exists already."""
    not_ready: ClassVar[Sayings] = ()
    """The same, for words that say that an upload is not ready yet: nothing was posted."""
    no_parent: ClassVar[Sayings] = ()
    """The same, for words that say, of a part of a thread, that the one before it is gone."""
    parent_seen_after: ClassVar[timedelta] = timedelta(0)
    """For so long they may also mean that it is not seen yet."""
    most_pages: ClassVar[int] = 20
    """Of a list, as `pages` reads it."""
    busy: ClassVar[frozenset[int]] = frozenset()
    """The statuses, beside 429, that refuse a call for now, where they come with Retry-After and the platform's own words."""
    image_refusals: ClassVar[frozenset[int]] = frozenset({400, 413, 415, 422})
    """The statuses under which an upload's answer, in the platform's own words, says that it will never take the image."""

    def __init_subclass__(cls) -> None:
        """Refuse a platform that does itself what is done here, and guarded, for all."""
        if taken := sorted(_FINAL & set(vars(cls))):
            raise TypeError(f"{cls.__name__} defines {taken[0]}, which is done for every platform: define its hook")

    def __init__(self, made: Connection) -> None:
        self.account = made.account
        self.options = made.options
        self.secrets = made.secrets
        self.clock = made.clock
        self.made = made
        self._identity: Identity | None = None

    # What a platform is.

    @classmethod
    def profile_of(cls, options: Any) -> Profile:
        """The limits of an account with these options (None: of any). No secret and no network."""
        return cls.profile

    @classmethod
    def post_id(cls, options: Any, identity: str | None, address: str) -> str | None:
        """The id that a Receipt of the post at this web address has; None: it is no post of this account."""
        if not cls.post_url:
            return address
        found = re.fullmatch(cls.post_url, address)
        return found["id"] if found else None

    # Hooks.

    def whoami(self) -> Identity:
        """Ask the platform who we are."""
        raise NotImplementedError

    def send(self, part: PartToSend) -> RemotePost | Receipt | None:
        """Publish: the one call that people can see. Each medium has its `upload`.

        A RemotePost where the platform shows what it made of the part: it is compared. None: the platform says yes, and
        what it says can't be read.
        """
        raise NotImplementedError

    def upload(self, media: Media) -> Mapping[str, Any]:
        """Upload one medium, and give what `send` needs of it (JSON). Safe to repeat: what is in no post is invisible."""
        raise Stop(Rejected("images are not taken here"))

    def is_usable(self, upload: Mapping[str, Any]) -> bool:
        """False for an upload that has run out: where it may, `upload` says when, as `expires_at` (ISO 8601)."""
        expires_at = instant_of(upload.get("expires_at"))
        return expires_at is None or self.clock.now() < expires_at

    def own_posts(self, since: datetime | None, part: PartToSend) -> Iterator[RemotePost]:
        """The account's own posts, newest first, at least those since then; None: all that the platform lists."""
        raise Stop(Unavailable("this platform can't be searched"))

    def read_post(self, post_id: str, part: PartToSend) -> RemotePost | None:
        """The post of that id; None: there is none."""
        raise NotImplementedError

    def remove(self, receipt: Receipt) -> None:
        """Take a post down; what is gone already is as good."""
        raise Stop(Rejected("posts can't be taken down here"))

    def read_limits(self) -> AccountLimits:
        """The limits that belong to the server."""
        return AccountLimits(profile=self.profile_of(self.options))

    def headers(self) -> Mapping[str, str]:
        """What signs the account in, with every call."""
        return {}

    def error_words(self, found: Mapping[str, Any]) -> str:
        """The platform's own words in the fields of an answer that is no success."""
        return next((str(found[name]) for name in self.said_in if found.get(name)), "")

    def error_name(self, found: Mapping[str, Any]) -> str:
        """The platform's own name for an error, in the fields of an answer that is no success."""
        return str(found.get("error") or "")

    def is_gone(self, answer: Answer) -> bool:
        """Whether an answer says in the platform's own words that there is no such post: a gateway may say 404 of anything."""
        return answer.status in (404, 410) and bool(answer.fields())

    def refine(self, answer: Answer, part: PartToSend, outcome: Rejected | InDoubt) -> Outcome:
        """What an answer to a publishing call comes to, where the platform's own words in it say more."""
        return outcome

    def plain(self, text: str) -> str:
        """A text in the form in which ours are compared with what the platform shows."""
        return " ".join(composed(text).split())

    def id_of_part(self, receipt: Receipt) -> str | None:
        """The platform's id of an earlier part; a person may have given its address in place of a receipt."""
        return self.post_id(self.options, None, receipt.id) or receipt.id

    def disconnect(self) -> None:
        """End a call in flight, and let go of what is open; from another thread."""
        if "http" in self.__dict__:
            self.http.close()

    # What hooks call.

    @cached_property
    def http(self) -> HttpSession:
        """HTTP to the account's server; none of its secrets gets into words."""
        from .http import HttpSession

        return HttpSession(self.clock, self.options.server, self.secrets.values(), network=self.made.network)

    def call(self, method: str, path: str, **request: Any) -> Answer | Failed:
        """One call, whatever comes of it; see HttpSession.call."""
        return self.http.call(method, path, **{**request, "headers": {**self.headers(), **request.get("headers", {})}})

    def ask(self, method: str, path: str, **request: Any) -> Answer:
        """One call that may be repeated, and any answer to it."""
        return self.answered(self.call(method, path, **request))

    def answered(self, answer: Answer | Failed) -> Answer:
        """The answer of a call that may be repeated."""
        if isinstance(answer, Failed):
            raise Stop(Unavailable(answer.reason, lasts=answer.lasts))
        return answer

    def get(self, path: str, **request: Any) -> Answer:
        """One call that reads, and its success."""
        return self.successful(self.ask("GET", path, **request))

    def post(self, path: str, *, publishes: PartToSend | None = None, **request: Any) -> Answer:
        """One call that writes, and its success. One that `publishes` a part is in doubt without a clear answer."""
        if publishes is None:
            return self.successful(self.ask("POST", path, **request))
        return self.published(self.call("POST", path, **request), publishes)

    def successful(self, answer: Answer) -> Answer:
        """The answer, when it is a success; raises Stop with what else it comes to, for a call that may be repeated."""
        if answer.is_success:
            return answer
        raise Stop(self.trouble(answer), answer)

    def image_taken(self, answer: Answer) -> Answer:
        """The same for an upload: what the platform says no to, it will never take."""
        if answer.status in self.image_refusals and (answer.fields() or answer.status == 413):
            words = self.words(answer)
            refused = Rejected(f"the image or its alt text was refused: {words}")
            raise Stop(self.stopped(answer, words) or refused, answer)
        return self.successful(answer)

    def id_in(self, answer: Answer, found: Mapping[str, Any], name: str = "id") -> str:
        """The id among these fields of an answer; raises Stop where none can be read."""
        if known := id_of(found.get(name)):
            return known
        raise Stop(self.trouble(answer))

    @property
    def own_id(self) -> str:
        """The platform's own id of the account, which an Identity ends with."""
        return self.me().id.rpartition(":")[2]

    def known_id(self, receipt: Receipt) -> str:
        """The id of an earlier part; raises Stop where a receipt names no post of this platform."""
        if found := self.id_of_part(receipt):
            return found
        raise Stop(Rejected(f"{receipt.id} is no post on {type(self).__name__}"))

    def found(self, method: str, path: str, **request: Any) -> Answer | None:
        """One call about a post, and its success; None: the post is gone."""
        answer = self.ask(method, path, **request)
        return None if self.is_gone(answer) else self.successful(answer)

    def pages(
        self, path: str, params: Mapping[str, str], more: Callable[[Answer], Mapping[str, str]]
    ) -> Iterator[Answer]:
        """A list page by page; `more` says with what the next one is asked for, empty after the last."""
        for _ in range(self.most_pages):
            answer = self.get(path, params=params)
            following = more(answer)
            yield answer
            if not following:
                return
            params = {**params, **following}
        raise Stop(Unavailable("there are too many newer posts to look through"))

    def published(self, answer: Answer | Failed, part: PartToSend) -> Answer:
        """The answer of a publishing call, when it is a success; raises Stop with what else it comes to."""
        if isinstance(answer, Failed):
            is_certain = answer.before_sending
            raise Stop(Unavailable(answer.reason, lasts=answer.lasts) if is_certain else InDoubt(answer.reason))
        if answer.is_success:
            return answer
        outcome = self._refused(answer, part)
        if answer.fields() and isinstance(outcome, Rejected | InDoubt):
            outcome = self.refine(answer, part, outcome)
        raise Stop(outcome, answer)

    def trouble(self, answer: Answer) -> Unauthorized | Unavailable:
        """What an answer that can't be used comes to, when its call may be repeated."""
        words = self.words(answer)
        if answer.status in self.forbidding:
            return Unauthorized(words)
        until = rate_reset(answer.headers, self.clock.now())
        return self.stopped(answer, words) or Unavailable(words, until, lasts=not answer.fields())

    def stopped(self, answer: Answer, words: str) -> Unauthorized | Unavailable | None:
        """What an answer says of the account and not of one post: nothing was posted."""
        for sign in (self.error_name(answer.fields()), answer.status):
            if (before := self.account_errors.get(sign)) is not None:
                return Unauthorized(f"{before}: {words}" if before else words)
        now, headers = self.clock.now(), answer.headers
        is_busy = answer.status in self.busy and answer.fields() and retry_after(headers, now) is not None
        return Unavailable(words, rate_reset(headers, now)) if answer.status == 429 or is_busy else None

    def words(self, answer: Answer) -> str:
        """An answer in the platform's own words, without markup or secrets."""
        return self.http.words(answer, self.error_words(answer.fields()))

    def since(self, part: PartToSend) -> datetime:
        """Ten minutes before the first attempt, on the server's clock."""
        now = self.clock.now()
        return (part.attempted_at or now) + (self.http.clock_offset or timedelta(0)) - LOOK_BACK

    def me(self, part: PartToSend | None = None) -> Identity:
        """Who we are; asked once, and not where the part says it, which knows no name."""
        if self._identity is None:
            known = part.identity if part else None
            self._identity = Identity(id=known, name="") if known else self.whoami()
        return self._identity

    # What campaigner calls: final. Each gives an outcome, or raises AccountError where the platform's own code is at fault.

    @_final(Identity, Unauthorized, Unavailable)
    def identity(self) -> Identity | Unauthorized | Unavailable:
        """Who the account is."""
        try:
            found = self.whoami()
        except Stop as stop:
            if stop.answer is None or stop.answer.status not in (404, 501):
                raise
            words = f"{self.words(stop.answer)}: no API is there, {ASK}"
            raise Stop(Unavailable(words, lasts=True), stop.answer) from stop
        self._identity = found
        offset = self.http.clock_offset if "http" in self.__dict__ else None
        return replace(found, clock_offset=offset) if isinstance(found, Identity) else found

    @_final(Uploaded, Rejected, Unauthorized, Unavailable)
    def prepare(self, media: Media) -> Uploaded | Rejected | Unauthorized | Unavailable:
        """Upload one medium."""
        return Uploaded(self.upload(media))

    @_final(Receipt, Rejected, Unauthorized, Unavailable, InDoubt)
    def publish(self, part: PartToSend) -> Outcome:
        """Publish one part, and upload again what has run out. When it raises, nobody knows whether the part is out."""
        if part.media:
            part = replace(part, media=tuple(map(self._uploaded, part.media)))
        found = self.send(part)
        if isinstance(found, RemotePost):
            differs = differences(part, found, self.plain)
            return replace(found.receipt, differs=differs) if differs else found.receipt
        return InDoubt("the server took the post, and its answer can't be read") if found is None else found

    @_final(Receipt, Absent, Alike, Unauthorized, Unavailable)
    def look(self, part: PartToSend) -> Look:
        """Whether this part is out already."""
        return self.search(part)

    @_final(Receipt, Another, Unauthorized, Unavailable, type(None))
    def find(self, post_id: str, part: PartToSend) -> Found | None:
        """Read the post of that id: a Receipt when it is this part, by its account, words, place and time.

        None: posts can't be read here, and what a person says of them is believed.
        """
        if type(self).read_post is Platform.read_post:
            return None
        self.me(part)
        found = self.read_post(post_id, part)
        if found is None:
            return Another("no such post is there")
        why = why_another(found, part, self.plain, self._parent_of(part), self.since(part))
        return Another(self.http.redact(why)) if why else found.receipt

    @_final(Rejected, Unauthorized, Unavailable, type(None))
    def delete(self, receipt: Receipt) -> Rejected | Unauthorized | Unavailable | None:
        """Take a published part down; None when it is gone, also when it was gone before."""
        # Whatever it gives is looked at: an adapter may give an outcome in place of raising it.
        return self.remove(receipt)  # type: ignore[func-returns-value]

    @_final(AccountLimits, Unauthorized, Unavailable)
    def limits(self) -> AccountLimits | Unauthorized | Unavailable:
        """The limits that belong to the server."""
        return self.read_limits()

    def close(self) -> None:
        """Let go of connections; a call in flight ends soon with an outcome. Nothing of ours depends on how that ends."""
        with suppress(AccountError):
            guarded(self.account, "close", self.disconnect)

    def search(self, part: PartToSend) -> Look:
        """Look for a part among the account's own posts."""
        self.me(part)
        since = self.since(part)
        posts = self.own_posts(None if part.is_repeat else since, part)
        return search(posts, part, self.plain, self._parent_of(part), since)

    @property
    def can_be_searched(self) -> bool:
        """Whether a look can ever find a part: where it can't, a person's word is all that there is."""
        made = type(self)
        return made.own_posts is not Platform.own_posts or made.search is not Platform.search

    def _uploaded(self, media: Media) -> Media:
        is_there = media.upload and self.is_usable(media.upload)
        return media if is_there else replace(media, upload=self.upload(media))

    def _parent_of(self, part: PartToSend) -> str | None:
        return self.id_of_part(part.parent) if part.parent else None

    def _refused(self, answer: Answer, part: PartToSend) -> Outcome:
        """What an answer to a publishing call comes to that is no success."""
        status, words, now = answer.status, self.words(answer), self.clock.now()
        if (stopped := self.stopped(answer, words)) is not None:
            return stopped
        if status in (413, 414, 431):
            return Rejected(words)
        if not answer.fields():
            # What has no words of the platform's own comes from something in between, which can't know what was done.
            return InDoubt(words)
        if is_said(self.duplicates, status, words):
            return InDoubt(words, duplicate=True)
        if is_said(self.not_ready, status, words):
            return Unavailable(words, now + TRY_AGAIN)
        if part.parent is not None and is_said(self.no_parent, status, words):
            if now < part.parent.at + self.parent_seen_after:
                return Unavailable(f"the part before this one is not seen yet: {words}", now + TRY_AGAIN)
            return Rejected(f"the part before this one is gone: {words}")
        is_about_content = status < 500 and self.error_name(answer.fields()) in self.content_errors
        if is_about_content or is_refusal(self.refusals, status, words):
            return Rejected(words)
        return Unauthorized(words) if is_refusal(self.account_refusals, status, words) else InDoubt(words)
