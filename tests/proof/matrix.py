"""Every fault on every class of platform under both engines: each row runs the real command in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from campaigner.platforms.session import READ_SECONDS

from ..acceptance.workplace import at
from .daemon import daemon, let_pass
from .stage import CRON, PUBLISH, Row, Stage, stage, wait_for

ENGINES = ("run --once", "run")
TEXT = "Good morning"
TOO_LONG = READ_SECONDS + 5.0
NO_SUCH_HOST = "127.0.0.999"
"""No resolver knows it; and as it looks like this machine, campaigner lets a test's clock run beside it."""
LASTS = 9
LATE = 12
"""Minutes: how long a server stays away, and how late a post may go out to a server that stays away for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens to the call that publishes. `unreachable`: no call is possible, for nine minutes or `for_good`.

    `carried_out`: the server has the post all the same. `speed` of the daemon's clock: where a call takes its whole
    time-out, minutes must not pass in a second.
    """

    name: str
    details: Mapping[str, Any] = field(default_factory=dict)
    carried_out: bool = False
    unreachable: str = ""
    for_good: bool = False
    speed: float = 120.0

    @property
    def is_slow(self) -> bool:
        return self.details.get("fault") in ("delay", "late")

    def expected(self, platform: str) -> str:
        """How it should end, which is more than that it ends well."""
        kind = self.details.get("fault")
        if self.for_good:
            return "missed"
        if kind == "expire_token":
            return "published" if platform == "Bluesky" else "account stopped"
        certain = self.unreachable or kind == "rate_limit" or self.carried_out
        return "in doubt" if platform == "X" and not certain else "published"


def _fault(name: str, fault: str, *, carried_out: bool = False, **details: Any) -> Fault:
    return Fault(name=name, details={"fault": fault, **details}, carried_out=carried_out)


def _with_status(name: str, fault: str, status: int) -> tuple[Fault, Fault]:
    return (
        _fault(f"{name}, not carried out", fault, status=status),
        _fault(f"{name}, carried out", fault, status=status, commit=True, carried_out=True),
    )


FAULTS = (
    Fault(
        name="carried out at once, answered after the time-out",
        details={"fault": "delay", "seconds": TOO_LONG},
        carried_out=True,
        speed=10.0,
    ),
    Fault(
        name="carried out only after the time-out",
        details={"fault": "late", "seconds": TOO_LONG},
        carried_out=True,
        speed=10.0,
    ),
    Fault(name="connections refused for nine minutes", unreachable="refuses"),
    Fault(name="connections refused for good", unreachable="refuses", for_good=True),
    Fault(name="the server's name unknown (DNS) for nine minutes", unreachable="has no name"),
    Fault(name="the server's name unknown (DNS) for good", unreachable="has no name", for_good=True),
    _fault("request dropped", "drop_request"),
    _fault("answer lost", "lose_response", carried_out=True),
    _fault("half an answer", "truncate", carried_out=True),
    *_with_status("500", "status", 500),
    *_with_status("503", "status", 503),
    *_with_status("502 with an HTML page", "html", 502),
    *_with_status("200 with an HTML page", "html", 200),
    _fault("an answer that is no HTTP", "garbage", commit=True, carried_out=True),
    _fault("429, Retry-After in seconds", "rate_limit", form="seconds", seconds=90),
    _fault("429, Retry-After as a date", "rate_limit", form="date", seconds=90),
    _fault("429, x-rate-limit-reset as a number", "rate_limit", form="epoch", seconds=90),
    _fault("429, X-RateLimit-Reset as a date", "rate_limit", form="iso", seconds=90),
    _fault("429, no header", "rate_limit", form="none"),
    _fault("token expired or revoked", "expire_token"),
)


def run_row(platform: str, fault: Fault, engine: str) -> Row:
    """One row, end to end."""
    with stage(platform, [TEXT]) as made:
        late = {"late": f"{LATE}m"} if fault.for_good else {}
        made.prepare({"at": "08:00", "text": {"en": TEXT}}, **late)
        made.accept()
        if engine == "run":
            _by_daemon(made, fault)
        else:
            _by_cron(made, fault)
        return made.row(fault.name, engine)


def _by_cron(made: Stage, fault: Fault) -> None:
    with _trouble(made, fault):
        made.run()
        _let_the_server_finish(made, fault)
        if fault.unreachable:
            made.cron(LATE + 3 if fault.for_good else LASTS - 3)
    made.cron(15)


def _by_daemon(made: Stage, fault: Fault) -> None:
    """The daemon at a fast clock, until it has said how it ended, or a doubt has been told, which takes ten minutes."""
    place = made.place
    place.speed = fault.speed
    place.move_to(at("08:00:00") - timedelta(seconds=fault.speed))
    with ExitStack() as trouble:
        away = trouble.enter_context(ExitStack())
        away.enter_context(_trouble(made, fault))
        trouble.enter_context(daemon(made))
        if fault.unreachable and not fault.for_good:
            let_pass(made, timedelta(minutes=LASTS))
            away.close()
        _let_the_server_finish(made, fault)
        let_pass(made, timedelta(minutes=LATE + 10 if fault.unreachable else LATE))
        # A twin would come now, if one did.
        let_pass(made, CRON, to_the_end=True)


def _let_the_server_finish(made: Stage, fault: Fault) -> None:
    """What is late is late by seconds: it is there before the minutes pass that the next look waits for."""
    if fault.is_slow:
        wait_for(lambda: bool(made.standin.journal), TOO_LONG + 15)


@contextmanager
def _trouble(made: Stage, fault: Fault) -> Iterator[None]:
    standin = made.standin
    if fault.unreachable == "refuses":
        with standin.refusing():
            yield
    elif fault.unreachable:
        made.write_config(server=f"http://{NO_SUCH_HOST}:{standin.port}")
        yield
        made.write_config()
    else:
        standin.fault(path_prefix=PUBLISH[standin.platform], method="POST", **fault.details)
        yield
