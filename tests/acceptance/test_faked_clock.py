"""The machine's own clock jumps under the real daemon, and the daemon is stopped and woken: once, on time, or told."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from campaigner.clock import FastClock
from campaigner.fakes.mastodon import FakeMastodon

from .faked import FakedClock
from .test_daemon import daemon
from .test_kill import wait_for
from .workplace import Workplace, account, at, campaign, message

MORNING, NOON = "migrants-day/2020/morning/news/en", "migrants-day/2020/noon/news/en"
MESSAGES = {
    "morning": message("08:00", "Good morning", "Huomenta"),
    "noon": message("12:00", "Good day", "Päivää"),
}
SENDING = "/api/v1/statuses"


@pytest.fixture
def machine(place: Workplace, mastodon: FakeMastodon) -> FakedClock:
    """Ten to eight, on the platform's clock too; one account, which gets English."""
    machine = FakedClock(place, at("07:50:00"))
    mastodon.clock = machine
    place.write_config({"news": account(mastodon, ["en"])})
    place.write("campaigns/migrants-day.yaml", campaign(MESSAGES))
    return machine


def in_ledger(place: Workplace, query: str) -> bool:
    """True when a look into the ledger finds something."""
    path = place.folder / "state" / "campaigner.db"
    if not path.exists():
        return False
    ledger = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return ledger.execute(query).fetchone() is not None
    except sqlite3.OperationalError:
        return False  # the daemon is just making it
    finally:
        ledger.close()


def wait_until_accepted(place: Workplace) -> None:
    wait_for(lambda: in_ledger(place, "SELECT 1 FROM accepted_files"))


def wait_for_alert(place: Workplace, kind: str) -> None:
    wait_for(lambda: in_ledger(place, f"SELECT 1 FROM alerts WHERE kind = '{kind}' AND withdrawn_at IS NULL"))


def wait_until_withdrawn(place: Workplace) -> None:
    """No alert on the clock stands any more."""
    wait_for(lambda: not in_ledger(place, "SELECT 1 FROM alerts WHERE kind = 'clock' AND withdrawn_at IS NULL"))


def wait_for_posts(mastodon: FakeMastodon, number: int) -> None:
    wait_for(lambda: len(mastodon.journal) >= number)


def look(place: Workplace) -> tuple[dict[str, str], list[tuple[str, str | None]]]:
    """What `status` says: the state of every post, and what is told of which."""
    found = json.loads(place.run("status", "--json").stdout)
    return (
        {post["key"]: post["state"] for post in found["posts"]},
        [(alert["kind"], alert["key"]) for alert in found["alerts"]],
    )


@contextmanager
def stopped(place: Workplace, process: subprocess.Popen[str]) -> Iterator[None]:
    """What a suspended machine is to a process: not one step more, and nothing said before.

    Not in the middle of a commit, though: a machine sleeps as a whole, and here another process has to write.
    """

    def is_stopped_between_writes() -> bool:
        process.send_signal(signal.SIGSTOP)
        wait_for(lambda: _stat(process)[0] == "T")
        if _can_be_written(place):
            return True
        process.send_signal(signal.SIGCONT)
        return False

    wait_for(is_stopped_between_writes)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)


def _can_be_written(place: Workplace) -> bool:
    ledger = sqlite3.connect(place.folder / "state" / "campaigner.db", timeout=0, isolation_level=None)
    try:
        ledger.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return False
    else:
        return True
    finally:
        ledger.close()


def _stat(process: subprocess.Popen[str]) -> list[str]:
    """The kernel's word on a process: its state, and what follows that."""
    return Path(f"/proc/{process.pid}/stat").read_text("ascii").rpartition(")")[2].split()


# The machine's clock and the platform's agree: it slept, or was set right.


def test_what_it_slept_over_goes_out_once_within_late_and_is_told_after_that(
    place: Workplace, machine: FakedClock, mastodon: FakeMastodon
) -> None:
    with daemon(place) as process:
        wait_until_accepted(place)
        with stopped(place, process):
            machine.jump_to(at("09:59:00"))
        wait_for_posts(mastodon, 1)
        with stopped(place, process):
            machine.jump_to(at("14:00:01"))
        wait_for_alert(place, "missed")
    assert mastodon.texts == ["Good morning"]
    assert at("09:59:00") < mastodon.journal[0].at < at("09:59:59")
    assert look(place) == ({MORNING: "published", NOON: "missed"}, [("missed", NOON)])


def test_a_time_that_comes_again_repeats_nothing_and_a_step_back_holds_until_it_is_made_up(
    place: Workplace, machine: FakedClock, mastodon: FakeMastodon
) -> None:
    with daemon(place) as process:
        wait_until_accepted(place)
        machine.jump_to(at("07:59:59"))
        wait_for_posts(mastodon, 1)
        machine.jump_to(at("07:59:59"))  # too small a step to be noticed: the ledger alone stands before a twin
        wait_for(lambda: machine.now() > at("08:00:01"))
        machine.jump_to(at("12:00:00"))
        wait_for_posts(mastodon, 2)
        machine.jump_to(at("07:59:59"))
        wait_for_alert(place, "clock")
        wait_for(lambda: machine.now() > at("08:00:01"))
        assert "the ledger was last written at 2020-12-18 10:00:" in place.run("status", "--attention").stdout
        assert process.poll() is None
        machine.jump_to(at("12:05:00"))
        wait_until_withdrawn(place)
    assert mastodon.texts == ["Good morning", "Good day"]
    assert look(place) == ({MORNING: "published", NOON: "published"}, [])


# They don't agree: the machine's clock is wrong.


def test_ahead_and_back_nothing_was_sent_and_nothing_missed(
    place: Workplace, machine: FakedClock, mastodon: FakeMastodon
) -> None:
    with daemon(place):
        wait_for(
            lambda: bool(mastodon.requests)
        )  # asked who we are, and so what time it is, as every daemon that begins
        mastodon.clock = FastClock(at("07:50:00"))
        calls = mastodon.requests.total()
        machine.jump_to(at("12:10:00"))
        wait_for_alert(place, "clock")
        # The post that is past late makes it ask, and the one that is due.
        wait_for(lambda: mastodon.requests.total() >= calls + 2)
        # First the machine's, or the platform would agree with the wrong time for a moment.
        machine.jump_to(at("07:51:00"))
        mastodon.clock = machine
        wait_until_withdrawn(place)
        assert mastodon.journal == []
        machine.jump_to(at("08:00:00"))
        wait_for_posts(mastodon, 1)
    assert mastodon.texts == ["Good morning"]
    assert look(place) == ({MORNING: "published", NOON: "planned"}, [])


class SetRight(FakedClock):
    """A platform's clock, which is right; and whoever asks it has the machine's own set right in the same moment."""

    def __init__(self, machine: FakedClock, right: datetime) -> None:
        self._machine = machine
        self._right = right
        self.was_asked = False

    def now(self) -> datetime:
        if not self.was_asked:
            self.was_asked = True
            self._machine.jump_to(self._right)
        return self._machine.now()


def test_set_right_while_a_platform_is_asked_nothing_was_sent_and_nothing_missed(
    place: Workplace, machine: FakedClock, mastodon: FakeMastodon
) -> None:
    with daemon(place) as process:
        wait_for(lambda: bool(mastodon.requests))
        wait_until_idle(process)
        mastodon.clock = right = SetRight(machine, at("07:51:00"))
        machine.jump_to(at("12:10:00"))
        wait_for(lambda: right.was_asked)
        wait_until_idle(process)
        assert mastodon.journal == []
        machine.jump_to(at("08:00:00"))
        wait_for_posts(mastodon, 1)
    assert mastodon.texts == ["Good morning"]
    assert look(place) == ({MORNING: "published", NOON: "planned"}, [])


def test_behind_is_told_at_once_and_what_is_due_goes_out_when_the_clock_is_right(
    place: Workplace, machine: FakedClock, mastodon: FakeMastodon
) -> None:
    with daemon(place):
        wait_for(
            lambda: bool(mastodon.requests)
        )  # asked who we are, and so what time it is, as every daemon that begins
        mastodon.clock = FastClock(at("07:50:00"))
        machine.jump_to(at("07:50:00") - timedelta(days=3))
        wait_for_alert(place, "clock")
        mastodon.clock = machine
        machine.jump_to(at("08:30:00"))
        wait_for_posts(mastodon, 1)
        wait_until_withdrawn(place)
    assert mastodon.texts == ["Good morning"]


def test_a_clock_that_is_set_right_while_the_daemon_begins_does_not_stop_it_for_hours(
    place: Workplace, machine: FakedClock, mastodon: FakeMastodon
) -> None:
    machine.jump_to(at("11:00:00"))
    with daemon(place) as process:
        wait_for((place.folder / "state" / "campaigner.db.lock").exists)
        wait_until_idle(process)  # between its two looks at the files
        machine.jump_to(at("07:59:50"))
        wait_until_accepted(place)
        machine.jump_to(at("08:00:00"))
        wait_for_posts(mastodon, 1)
    assert mastodon.texts == ["Good morning"]


def wait_until_idle(process: subprocess.Popen[str]) -> None:
    """Thirty looks in which it used no processor."""
    seen: list[str] = []

    def is_idle() -> bool:
        seen.append(" ".join(_stat(process)[11:13]))
        return len(seen) > 30 and len(set(seen[-30:])) == 1

    wait_for(is_idle)


def test_steps_too_small_to_be_noticed_are_noticed_together(place: Workplace, machine: FakedClock) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WATCHING],
        env=place.environment_now(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    said = [process.stdout.readline()]
    for seconds in (40, 40, -40, -40, -40):
        machine.jump_to(machine.now() + timedelta(seconds=seconds))
        process.stdin.write("\n")
        process.stdin.flush()
        said.append(process.stdout.readline())
    process.communicate()
    assert [line.strip() for line in said] == ["False", "False", "True", "False", "True", "False"]


WATCHING = """
import sys
from campaigner.clock import JumpWatch
watch = JumpWatch()
print(watch.has_jumped(), flush=True)
for _ in sys.stdin:
    print(watch.has_jumped(), flush=True)
"""


# Stopped while another process is at work on the same ledger.


def test_another_process_leaves_all_to_one_that_sleeps(
    place: Workplace, machine: FakedClock, mastodon: FakeMastodon
) -> None:
    with daemon(place) as process:
        wait_until_accepted(place)
        with stopped(place, process):
            machine.jump_to(at("08:15:00"))
            left = place.run("run", "--once")
            assert (left.returncode, left.stdout) == (0, ""), "who sleeps is not dead, and has the lock"
        wait_for_posts(mastodon, 1)
        machine.jump_to(at("12:00:00"))
        wait_for_posts(mastodon, 2)
    assert mastodon.texts == ["Good morning", "Good day"]
    assert mastodon.journal[1].at < at("12:01:00"), "the first one is at work again"


def test_stopped_in_the_middle_of_a_call_nobody_makes_it_again(
    place: Workplace, machine: FakedClock, mastodon: FakeMastodon
) -> None:
    mastodon.fault("late", path_prefix=SENDING, method="POST", seconds=1.5)
    with daemon(place) as process:
        wait_until_accepted(place)
        machine.jump_to(at("08:00:00"))
        wait_for(mastodon.waiting.is_set)
        with stopped(place, process):
            machine.jump_to(at("08:15:00"))
            assert "published" not in place.run("run", "--once").stdout
            wait_for_posts(mastodon, 1)
        wait_for(lambda: in_ledger(place, "SELECT 1 FROM deliveries WHERE state = 'published'"))
    assert mastodon.texts == ["Good morning"]
    assert look(place) == ({MORNING: "published", NOON: "planned"}, [])


def test_what_waited_for_its_turn_is_not_sent_hours_past_late(
    place: Workplace, machine: FakedClock, mastodon: FakeMastodon
) -> None:
    place.write_config({"news": account(mastodon, ["en", "fi"], spacing="1h")})
    with daemon(place) as process:
        wait_until_accepted(place)
        machine.jump_to(at("08:00:00"))
        wait_for(lambda: in_ledger(place, "SELECT 1 FROM deliveries WHERE state = 'published'"))
        with stopped(place, process):
            machine.jump_to(at("11:30:00"))
        wait_for_alert(place, "missed")
        machine.jump_to(at("12:00:00"))
        wait_for_posts(mastodon, 2)
    assert mastodon.texts == ["Good morning", "Good day"]
    assert ("missed", MORNING.replace("/en", "/fi")) in look(place)[1]
