"""Death is proven by a lock that the kernel frees; what the dead left is due again, or in doubt."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from datetime import timedelta
from pathlib import Path

from campaigner.clock import SteppingClock
from campaigner.ledger import deliveries, lanes, owners
from campaigner.ledger.deliveries import Refusal
from campaigner.ledger.ledger import Ledger
from campaigner.ledger.records import State

from .conftest import NOW, claim_of

CHILD = """
    import sys, time
    from pathlib import Path
    from campaigner.clock import SteppingClock
    from campaigner.ledger import deliveries, lanes
    from campaigner.ledger.ledger import Ledger
    from tests.unit.ledger.conftest import NOW, claim_of
    ledger = Ledger.open(Path("{path}"), SteppingClock(NOW))
    ledger.enter("child")
    ledger.write(lambda c: lanes.take(c, "desk", ledger.owner_id))
    claimed = ledger.write(lambda c: deliveries.claim(c, claim_of("claimed"), ledger.owner_id, NOW))
    sending = ledger.write(lambda c: deliveries.claim(c, claim_of("sending"), ledger.owner_id, NOW))
    ledger.write(lambda c: deliveries.start_part(c, sending, 0, ledger.owner_id, NOW,
                 approval_required=False, hold_file=lambda: None))
    print("ready", flush=True)
    sys.stdin.read()
"""


def test_a_killed_process_leaves_what_it_claimed_due_and_what_it_sent_in_doubt(
    path: Path, ledger: Ledger, clock: SteppingClock
) -> None:
    child = _start(path)
    assert ledger.write(lambda c: lanes.take(c, "desk", ledger.owner_id)) is None
    assert ledger.write(lambda c: owners.bury_dead(c, clock)) == []
    _kill(child, signal.SIGKILL)
    dead = ledger.write(lambda c: owners.bury_dead(c, clock))
    assert len(dead) == 1
    doubtful = ledger.write(lambda c: deliveries.recover(c, NOW))
    assert [str(found.key) for found in doubtful] == ["c/2026/sending/desk/en"]
    assert ledger.read(deliveries.settled_keys) == {
        "c/2026/claimed/desk/en": State.DUE,
        "c/2026/sending/desk/en": State.IN_DOUBT,
    }
    assert ledger.write(lambda c: lanes.take(c, "desk", ledger.owner_id)) is not None


def test_a_stopped_process_is_not_dead(path: Path, ledger: Ledger, clock: SteppingClock) -> None:
    child = _start(path)
    child.send_signal(signal.SIGSTOP)
    assert ledger.write(lambda c: owners.bury_dead(c, clock)) == []
    claim = ledger.write(lambda c: deliveries.claim(c, claim_of("claimed"), ledger.owner_id, NOW))
    assert isinstance(claim, Refusal)
    child.send_signal(signal.SIGCONT)
    _kill(child, signal.SIGKILL)


def test_an_owner_on_another_machine_is_alive_until_its_lease_is_over(tmp_path: Path) -> None:
    lock = tmp_path / "absent.lock"
    assert not owners.is_dead(lock, "another-machine", NOW, NOW + owners.LEASE)
    assert owners.is_dead(lock, "another-machine", NOW, NOW + owners.LEASE + timedelta(seconds=1))
    assert owners.is_dead(lock, owners.host_name(), NOW, NOW)


def _start(path: Path) -> subprocess.Popen[str]:
    program = textwrap.dedent(CHILD.format(path=path))
    child = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def _kill(child: subprocess.Popen[str], number: int) -> None:
    child.send_signal(number)
    child.communicate()
