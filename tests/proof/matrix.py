"""Every fault on every class of platform under both engines: each row runs the real command in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

from ..acceptance.workplace import at
from .daemon import daemon, let_pass
from .faults import FAULTS, LATE, TOO_LONG, Fault
from .points import PNG
from .stage import CRON, PLATFORMS, Row, Stage, stage, wait_for

ENGINES = ("run --once", "run")
TEXT = "Good morning"
NO_SUCH_HOST = "127.0.0.999"
"""No resolver knows it; and as it looks like this machine, campaigner lets a test's clock run beside it."""
LASTS = 9
"""Minutes that a server stays away, where that is not for good."""
ROWS = tuple(
    (name, fault, engine) for fault in FAULTS for engine in ENGINES for name in PLATFORMS if name not in fault.without
)
"""All that is run."""


def run_row(platform: str, fault: Fault, engine: str) -> Row:
    """One row, end to end."""
    with stage(platform, [TEXT]) as made:
        image = {"images": [{"file": "dot.png", "alt": {"en": "A dot"}}]} if fault.has_image else {}
        late = {"late": f"{fault.late}m"} if fault.late else {}
        made.prepare({"at": "08:00", "text": {"en": TEXT}, **image}, **late)
        (made.place.folder / "campaigns" / "dot.png").write_bytes(PNG)
        made.accept()
        if engine == "run":
            _by_daemon(made, fault)
        else:
            _by_cron(made, fault)
        if unused := made.fake.faults.waiting:
            made.strange.append(f"IT WAS NOT TRIED: {unused}")
        return made.row(fault.name, engine)


def _by_cron(made: Stage, fault: Fault) -> None:
    with _trouble(made, fault):
        made.run()
        _let_the_server_finish(made, fault)
        if fault.unreachable:
            made.cron(LATE + 3 if fault.for_good else LASTS - 3)
        elif fault.late:
            made.cron(fault.late)
            _check_is_told_in_time(made)
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
        if fault.late and not fault.unreachable:
            # It looks every two seconds; that is less than a minute of its clock.
            let_pass(made, timedelta(minutes=fault.late + 2))
            _check_is_told_in_time(made)
        else:
            let_pass(made, timedelta(minutes=LATE + 10 if fault.unreachable else LATE))
        # A twin would come now, if one did.
        let_pass(made, CRON, to_the_end=True)


def _check_is_told_in_time(made: Stage) -> None:
    if not made.is_over():
        made.strange.append("NOBODY WAS TOLD WHEN `late` ENDED")


def _let_the_server_finish(made: Stage, fault: Fault) -> None:
    """What is late is late by seconds: it is there before the minutes pass that the next look waits for."""
    if fault.kinds & {"delay", "late"}:
        wait_for(lambda: bool(made.fake.journal), TOO_LONG + 15)


@contextmanager
def _trouble(made: Stage, fault: Fault) -> Iterator[None]:
    fake = made.fake
    if fault.unreachable == "refuses":
        with fake.refusing():
            yield
    elif fault.unreachable:
        made.write_config(server=f"http://{NO_SUCH_HOST}:{fake.port}")
        yield
        made.write_config()
    else:
        for hit in fault.hits:
            if (details := hit.on(fake.platform)) is not None:
                fake.fault(**details)
        yield
