"""What can go wrong with a server, as rows of the proof: the faults, on which call each falls, and how it should end."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from campaigner.platforms.network import READ_SECONDS

TOO_LONG = READ_SECONDS + 5.0
LATE = 12
"""Minutes that a post may be late, where a server stays away for good."""
CALLS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "publish": {
        "mastodon": ("POST", "/api/v1/statuses"),
        "bluesky": ("POST", "/xrpc/com.atproto.repo.putRecord"),
        "x": ("POST", "/2/tweets"),
    },
    "look": {
        "mastodon": ("GET", "/api/v1/accounts/1"),
        "bluesky": ("GET", "/xrpc/com.atproto.repo.getRecord"),
        "x": ("GET", "/2/users/1"),
    },
    "list": {"bluesky": ("GET", "/xrpc/com.atproto.repo.listRecords")},
    "upload": {
        "mastodon": ("POST", "/api/v2/media"),
        "bluesky": ("POST", "/xrpc/com.atproto.repo.uploadBlob"),
        "x": ("POST", "/2/media/upload"),
    },
    "who": {
        "mastodon": ("GET", "/api/v1/accounts/verify_credentials"),
        "bluesky": ("GET", "/xrpc/com.atproto.server.getSession"),
        "x": ("GET", "/2/users/me"),
    },
}
"""Each call of a post's life, by platform; a look at Bluesky may be two calls."""
SHOWS_NOTHING: Mapping[str, tuple[int, Any]] = {
    "mastodon": (200, []),
    "bluesky": (400, {"error": "RecordNotFound", "message": "Could not locate record"}),
    "x": (200, {"meta": {"result_count": 0}}),
}
"""What a look gets from a server that has the post already and does not show it yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One fault on one call. `details` as of a fake's fault; `fault` may be "shows nothing" too."""

    call: str
    details: Mapping[str, Any]

    def on(self, platform: str) -> dict[str, Any] | None:
        """What a fake has to be told; None where the platform has no such call."""
        if platform not in CALLS[self.call]:
            return None
        method, path = CALLS[self.call][platform]
        details = dict(self.details)
        if details["fault"] == "shows nothing":
            status, body = (200, {"records": []}) if self.call == "list" else SHOWS_NOTHING[platform]
            headers = {"Content-Type": "application/json"}
            details |= {"fault": "status", "status": status, "body": json.dumps(body), "headers": headers}
        return {"method": method, "path_prefix": path, **details}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A row: what happens, one after the other. `unreachable`: no call is possible, for nine minutes or `for_good`.

    `carried_out`: the server has the post all the same. `late`: minutes that the post may be late, and that it waits in
    vain. `speed` of the daemon's clock: where a call takes its whole time-out, minutes must not pass in a second.
    `asks`: on X a person is asked. `without`: platforms on which it can't happen, or shows nothing new.
    """

    name: str
    hits: Sequence[Hit] = ()
    carried_out: bool = False
    unreachable: str = ""
    for_good: bool = False
    late: int = 0
    speed: float = 120.0
    asks: bool = False
    has_image: bool = False
    without: frozenset[str] = frozenset()

    @property
    def kinds(self) -> set[str]:
        return {hit.details["fault"] for hit in self.hits}

    @property
    def is_slow(self) -> bool:
        return bool(self.kinds & {"delay", "late"}) or (bool(self.late) and not self.unreachable)

    def expected(self, platform: str) -> str:
        """How it should end, which is more than that it ends well."""
        if self.late:
            return "missed"
        if "expire_token" in self.kinds:
            return "published" if platform == "Bluesky" else "account stopped"
        return "in doubt" if platform == "X" and self.asks else "published"


def _publishing(name: str, fault: str, *, carried_out: bool = False, speed: float = 120.0, **details: Any) -> Fault:
    certain = carried_out or fault in {"rate_limit", "expire_token"}
    hit = Hit(call="publish", details={"fault": fault, **details})
    return Fault(name=name, hits=[hit], carried_out=carried_out, asks=not certain, speed=speed)


def _with_status(name: str, fault: str, status: int) -> tuple[Fault, Fault]:
    return (
        _publishing(f"{name}, not carried out", fault, status=status),
        _publishing(f"{name}, carried out", fault, status=status, commit=True, carried_out=True),
    )


def _unreachable(name: str, how: str) -> tuple[Fault, Fault]:
    return (
        Fault(name=f"{name} for nine minutes", unreachable=how),
        Fault(name=f"{name} for good", unreachable=how, for_good=True, late=LATE),
    )


FORMS = {
    "Retry-After in seconds": "seconds",
    "Retry-After as a date": "date",
    "x-rate-limit-reset as a number": "epoch",
    "X-RateLimit-Reset as a date": "iso",
}
"""How a server says when to come again."""
ON_PUBLISHING = (
    _publishing(
        "carried out at once, answered after the time-out", "delay", carried_out=True, seconds=TOO_LONG, speed=10.0
    ),
    _publishing("carried out only after the time-out", "late", carried_out=True, seconds=TOO_LONG, speed=10.0),
    *_unreachable("connections refused", "refuses"),
    *_unreachable("the server's name unknown (DNS)", "has no name"),
    _publishing("request dropped", "drop_request"),
    _publishing("answer lost", "lose_response", carried_out=True),
    _publishing("half an answer", "truncate", carried_out=True),
    *_with_status("500", "status", 500),
    *_with_status("503", "status", 503),
    *_with_status("502 with an HTML page", "html", 502),
    *_with_status("200 with an HTML page", "html", 200),
    _publishing("an answer that is no HTTP", "garbage", commit=True, carried_out=True),
    *(_publishing(f"429, {words}", "rate_limit", form=form, seconds=90) for words, form in FORMS.items()),
    _publishing("429, no header", "rate_limit", form="none"),
    _publishing("token expired or revoked", "expire_token"),
)

TROUBLES: Mapping[str, Mapping[str, Any]] = {
    "the connection cut": {"fault": "drop_request"},
    "the answer lost": {"fault": "lose_response"},
    "500": {"fault": "status", "status": 500},
    "429": {"fault": "rate_limit", "form": "seconds", "seconds": 90},
    "502 with an HTML page": {"fault": "html", "status": 502},
}
"""What befalls a call that publishes nothing."""
LOST = Hit(call="publish", details={"fault": "lose_response"})
DROPPED = Hit(call="publish", details={"fault": "drop_request"})
SAME_AS_MASTODON = frozenset({"Mastodon, key ignored"})
NEVER_REPEATED = frozenset({"X"})


def _looked_at(words: str, first: Hit, trouble: str) -> Fault:
    # The account's first look, before anything is posted, goes well.
    look = Hit(call="look", details={**TROUBLES[trouble], "after": 1, "times": 2})
    return Fault(
        name=f"{words}, and twice its look: {trouble}",
        hits=[first, look],
        carried_out=first is LOST,
        asks=first is DROPPED,
    )


def _before(words: str, call: str, trouble: str) -> Fault:
    hit = Hit(call=call, details={**TROUBLES[trouble], "times": 2})
    return Fault(name=f"{words}, twice: {trouble}", hits=[hit], has_image=call == "upload", without=SAME_AS_MASTODON)


ON_OTHER_CALLS = (
    *(_looked_at("answer lost", LOST, trouble) for trouble in TROUBLES),
    *(_looked_at("request dropped", DROPPED, trouble) for trouble in ("429", "500")),
    *(_before("the image's upload", "upload", trouble) for trouble in TROUBLES),
    *(_before("the question who we are", "who", trouble) for trouble in TROUBLES),
)

REPEATS: Mapping[str, Mapping[str, Any]] = {
    "429": {"fault": "rate_limit", "form": "seconds", "seconds": 90},
    "500": {"fault": "status", "status": 500},
    "the connection cut": {"fault": "drop_request"},
    "refused (422)": {"fault": "status", "status": 422, "body": '{"error": "InvalidRequest", "message": "Not now"}'},
}


def _again(is_lost: bool, trouble: str) -> Fault:
    repeat = Hit(call="publish", details=REPEATS[trouble])
    if not is_lost:
        return Fault(name=f"request dropped, and its repeat: {trouble}", hits=[DROPPED, repeat], without=NEVER_REPEATED)
    # A server that keeps no key and hides a post for minutes makes a twin whoever repeats.
    hidden = [Hit(call=call, details={"fault": "shows nothing", "times": 3}) for call in ("look", "list")]
    return Fault(
        name=f"answer lost, the post not shown at first, and its repeat: {trouble}",
        hits=[LOST, *hidden, repeat],
        carried_out=True,
        without=SAME_AS_MASTODON | NEVER_REPEATED,
    )


ON_REPEATS = tuple(
    _again(is_lost, trouble)
    for is_lost, trouble in product((True, False), REPEATS)
    if is_lost or trouble != "refused (422)"
)

ASKED_TO_WAIT = tuple(
    Fault(
        name=f"429 for an hour, {words}",
        hits=[Hit(call="publish", details={"fault": "rate_limit", "form": form, "seconds": 3600})],
        late=3,
        speed=20.0,
    )
    for words, form in FORMS.items()
)

GROUPS: Mapping[str, Sequence[Fault]] = {
    "The call that publishes": ON_PUBLISHING,
    "Other calls": ON_OTHER_CALLS,
    "The repeat fails too": ON_REPEATS,
    "A server asks for more time than there is": ASKED_TO_WAIT,
}
"""The tables of the page."""
FAULTS: Sequence[Fault] = tuple(fault for group in GROUPS.values() for fault in group)
