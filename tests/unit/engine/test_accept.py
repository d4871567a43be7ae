"""What an engine accepts: files that stand still."""

from __future__ import annotations

from pathlib import Path

from campaigner.cli.wiring import Workspace
from campaigner.engine.accepted_plan import accept
from campaigner.engine.daemon import Changes
from campaigner.ledger.ledger import Ledger

from .conftest import text_of


def test_a_file_that_changed_between_the_two_reads_is_read_again_till_it_stands_still(
    workspace: Workspace, ledger: Ledger, tmp_path: Path
) -> None:
    source = workspace
    world = source.read()
    accept(source, ledger, world, world)
    path = tmp_path / "campaigns" / "day.yaml"
    path.write_text(text_of("Half of it"))
    first = source.read()
    path.write_text(text_of("As it is now"))
    accepted = accept(source, ledger, first, source.read())
    assert accepted.unsteady == {"day"}
    assert not accepted.planned.slots
    assert {key: post.reason for key, post in accepted.absent.items()} == {
        "day/2020/morning/desk/en": "its file is being written at this moment"
    }
    changes = Changes(source, ledger, lambda error: None)
    # Nobody has touched the file since it was read last.
    assert changes.accepted(accepted) is None
    assert changes.ready_at is not None
    ledger.clock.wait_until(changes.ready_at)
    found = changes.accepted(accepted)
    assert found is not None
    accepted = found
    assert [slot.message.text["en"] for slot in accepted.planned.slots] == ["As it is now"]
    assert not accepted.unsteady
