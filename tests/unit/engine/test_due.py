"""What is due and must wait: more posts at once than the plan can explain."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from campaigner.cli.wiring import Workspace
from campaigner.clock import SteppingClock
from campaigner.engine.accepted_plan import accept
from campaigner.engine.due import PostStatus, Rules, due_now
from campaigner.ledger import deliveries
from campaigner.ledger.ledger import Connection, Ledger
from campaigner.ledger.models import State
from campaigner.plan.expand import Slot

from .conftest import text_of


def test_more_posts_at_once_than_the_plan_ever_has_are_held_but_for_what_a_person_wants(
    workspace: Workspace, ledger: Ledger, tmp_path: Path
) -> None:
    for name in ("second", "third"):
        (tmp_path / "campaigns" / f"{name}.yaml").write_text(text_of(f"Text of {name}"))
    source = workspace
    world = source.read()
    accepted = accept(source, ledger, world, world)
    assert isinstance(workspace.clock, SteppingClock)
    workspace.clock.wait_until(datetime.fromisoformat("2020-12-18T08:00:10+02:00"))
    rules = Rules(hold_file=None, approval_required=False, compose=lambda slot: source.compose(world, slot))
    assert len(sent(due_now(accepted, ledger.connection, rules, ledger.clock.now()))) == 3
    # By its own plan nothing can be too much: here the plan is made to say less than it has.
    wrong = replace(accepted, planned=accepted.planned._replace(busiest=1))
    found = due_now(wrong, ledger.connection, rules, ledger.clock.now())
    assert (sent(found), [post.state.gate for post in found]) == ([], [True, True, True])
    assert "3 posts are due at once, the plan never has more than 1" in found[0].state.reason
    assert len(sent(due_now(wrong, ledger.connection, rules._replace(confirmed=True), ledger.clock.now()))) == 3
    for slot in accepted.planned.slots[:2]:
        ledger.write(lambda connection, slot=slot: want(connection, slot))
    assert len(sent(due_now(wrong, ledger.connection, rules, ledger.clock.now()))) == 3


def sent(found: list[PostStatus]) -> list[PostStatus]:
    return [post for post in found if post.may_be_sent]


def want(connection: Connection, slot: Slot) -> None:
    found = deliveries.create_settled(connection, slot.key, slot.due_at, State.DUE, slot.due_at, "")
    assert found is not None
    deliveries.force_due(connection, found, slot.due_at, "retried")
