"""One run at a time works on a ledger, and what a killed one leaves is due again or in doubt."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from datetime import timedelta
from pathlib import Path

import pytest

from campaigner.clock import SteppingClock
from campaigner.errors import RefusedError
from campaigner.ledger import deliveries, lock, runs
from campaigner.ledger.ledger import Ledger
from campaigner.ledger.models import State

from .conftest import NOW

CHILD = """
    import sys, time
    from pathlib import Path
    from campaigner.clock import SteppingClock
    from campaigner.ledger import deliveries
    from campaigner.ledger.ledger import Ledger
    from tests.unit.ledger.conftest import NOW, claim_of
    ledger = Ledger.open(Path("{path}"), SteppingClock(NOW))
    assert ledger.enter("child")
    ledger.write(lambda c: ledger.note_at_work())
    claimed = ledger.write(lambda c: deliveries.claim(c, claim_of("claimed"), NOW))
    sending = ledger.write(lambda c: deliveries.claim(c, claim_of("sending"), NOW))
    ledger.write(lambda c: deliveries.start_part(c, sending, 0, ledger.run_id, NOW, blocked=None))
    print("ready", flush=True)
    sys.stdin.read()
"""


def start(path: Path) -> subprocess.Popen[str]:
    """Another process at work on this ledger."""
    program = textwrap.dedent(CHILD.format(path=path))
    child = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def kill(child: subprocess.Popen[str]) -> None:
    child.send_signal(signal.SIGKILL)
    child.communicate()


def test_a_killed_run_leaves_what_it_claimed_due_and_what_it_sent_in_doubt(path: Path, clock: SteppingClock) -> None:
    Ledger.open(path, clock).close()
    child = start(path)
    ledger = Ledger.open(path, clock)
    assert not lock.is_free(path)
    assert not ledger.enter("second")
    child.send_signal(signal.SIGSTOP)
    assert not ledger.enter("second"), "who is stopped is not dead"
    child.send_signal(signal.SIGCONT)
    kill(child)
    assert lock.is_free(path)
    assert ledger.enter("second")
    ledger.write(lambda _: ledger.note_at_work())
    assert ledger.read(deliveries.settled_keys) == {
        "c/2026/claimed/desk/en": State.DUE,
        "c/2026/sending/desk/en": State.IN_DOUBT,
    }
    ledger.close()


def test_a_copy_waits_till_the_other_was_not_seen_for_ten_minutes(path: Path, clock: SteppingClock) -> None:
    Ledger.open(path, clock).close()
    child = start(path)
    copy = path.parent.parent / "copy" / path.name
    ledger = Ledger.open(path, clock)
    ledger.copy_to(copy)
    ledger.close()
    kill(child)
    copied = Ledger.open(copy, clock)
    with pytest.raises(RefusedError, match="both would post"):
        copied.enter("here")
    copied.close()
    clock.wait_until(NOW + timedelta(minutes=11))
    copied = Ledger.open(copy, clock)
    assert copied.enter("here")
    copied.close()


def test_the_whole_folder_may_be_called_otherwise(path: Path, clock: SteppingClock) -> None:
    ledger = Ledger.open(path, clock)
    assert ledger.enter("run")
    ledger.write(lambda _: ledger.note_at_work())
    ledger.close()
    moved = path.parent.rename(path.parent.with_name("moved")) / path.name
    ledger = Ledger.open(moved, clock)
    assert ledger.enter("run")
    assert ledger.idle_since == NOW
    ledger.close()


def test_since_when_it_has_been_at_work_without_a_gap(path: Path, clock: SteppingClock) -> None:
    for minutes, since in ((0, 0), (5, 0), (12, 0), (30, 30)):
        clock.wait_until(NOW + timedelta(minutes=minutes))
        ledger = Ledger.open(path, clock)
        assert ledger.enter("run --once")
        ledger.write(lambda _, ledger=ledger: ledger.note_at_work())
        assert ledger.at_work_since == NOW + timedelta(minutes=since)
        ledger.close()


def test_what_is_damaged_is_as_if_nothing_had_run(ledger: Ledger) -> None:
    for value in ("", "[]", "{}", '{"place": 1}', "nothing"):
        ledger.write(lambda c, value=value: c.execute("INSERT OR REPLACE INTO meta VALUES ('run', ?)", (value,)))
        assert ledger.read(runs.last) is None
