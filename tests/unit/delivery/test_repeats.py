"""A repeat that fails says nothing of the call before it, and an account that fails is left in peace."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from campaigner.clock import SteppingClock
from campaigner.delivery.deliver import Deliverer
from campaigner.delivery.record_outcome import LOOK_AGAIN
from campaigner.delivery.steps import Outcome
from campaigner.ledger import account_states, alerts, deliveries
from campaigner.ledger.ledger import Ledger
from campaigner.ledger.models import State
from campaigner.platforms.base import InDoubt, Look, Media, PartToSend, Rejected, Unauthorized, Unavailable

from .conftest import DUE, Find, delivered, job_of, post_of, reconciled, with_picture
from .platform_in_memory import PlatformInMemory


@pytest.mark.parametrize("trouble", ["unavailable", "unauthorized", "refused"])
def test_a_repeat_that_fails_leaves_the_doubt_and_its_key(
    deliverer: Deliverer, platform: PlatformInMemory, clock: SteppingClock, find: Find, trouble: str
) -> None:
    sent: list[PartToSend] = []
    platform.before_publish = sent.append
    platform.faults = ["lost request", trouble]
    assert delivered(deliverer, job_of(post_of("morning", "Hei"))).outcome is Outcome.IN_DOUBT
    clock.wait_until(clock.now() + LOOK_AGAIN)
    assert reconciled(deliverer, find("morning"), DUE + timedelta(hours=2)).outcome is Outcome.IN_DOUBT
    assert find("morning").state is State.IN_DOUBT
    # Now the server carries the first call out, and nobody posts it again.
    platform._commit(sent[0])
    clock.wait_until(clock.now() + timedelta(minutes=15))
    assert reconciled(deliverer, find("morning"), DUE + timedelta(hours=2)).outcome is Outcome.PUBLISHED
    assert platform.texts == ["Hei"]
    assert len({part.token for part in sent}) == 1


def test_a_repeat_that_fails_and_was_never_carried_out_is_repeated_again(
    deliverer: Deliverer, platform: PlatformInMemory, clock: SteppingClock, find: Find
) -> None:
    platform.faults = ["lost request", "unavailable"]
    delivered(deliverer, job_of(post_of("morning", "Hei")))
    outcome = Outcome.IN_DOUBT
    for _ in range(5):
        clock.wait_until(clock.now() + timedelta(minutes=5))
        if find("morning").state is State.IN_DOUBT:
            outcome = reconciled(deliverer, find("morning"), DUE + timedelta(hours=2)).outcome
    assert (outcome, platform.texts) == (Outcome.PUBLISHED, ["Hei"])


def test_calls_without_a_clear_answer_rest_the_account_too(
    deliverer: Deliverer, platform: PlatformInMemory, ledger: Ledger, clock: SteppingClock
) -> None:
    platform.faults = ["lost request"] * 5
    for number in range(5):
        delivered(deliverer, job_of(post_of(f"m{number}", f"Hei {number}")))
    account_state = ledger.read(lambda connection: account_states.of(connection, "desk"))
    assert account_state.rested_until == clock.now() + account_states.REST


def test_a_platform_that_does_not_say_who_we_are_is_asked_again_when_it_wants(
    ledger: Ledger, platform: PlatformInMemory, clock: SteppingClock
) -> None:
    asked_for = clock.now() + timedelta(hours=1)
    platform.who = Unavailable("too many requests", asked_for)
    report = delivered(Deliverer(ledger, "desk", platform), job_of(post_of("morning", "Hei")))
    assert (report.outcome, report.until) == (Outcome.WAITING, asked_for)
    account_state = ledger.read(lambda connection: account_states.of(connection, "desk"))
    assert (account_state.rested_until, account_state.failures) == (asked_for, 1)


def test_a_look_that_fails_is_repeated_less_and_less_often_and_when_the_platform_wants(
    deliverer: Deliverer, platform: PlatformInMemory, clock: SteppingClock, find: Find
) -> None:
    platform.faults = ["lost request"]
    platform.look_faults = ["it is down"] * 9
    delivered(deliverer, job_of(post_of("morning", "Hei")))
    pauses = []
    for _ in range(8):
        retry_at = find("morning").retry_at
        assert retry_at is not None
        pauses.append(retry_at - clock.now())
        clock.wait_until(retry_at)
        reconciled(deliverer, find("morning"), None)
    assert pauses[0] == LOOK_AGAIN
    assert pauses[:5] == sorted(pauses[:5])
    assert timedelta(minutes=8) <= pauses[-1] <= timedelta(minutes=12)


@pytest.mark.parametrize("trouble", [Unavailable("it is down"), Unauthorized("revoked"), Rejected("too large")])
def test_a_post_that_is_cancelled_while_its_image_is_refused_stays_cancelled(
    deliverer: Deliverer,
    platform: PlatformInMemory,
    ledger: Ledger,
    find: Find,
    tmp_path: Path,
    trouble: Unavailable | Unauthorized | Rejected,
) -> None:
    post = post_of("morning", "Hei")

    def cancel_and_fail(_: Media) -> Unavailable | Unauthorized | Rejected:
        found = find("morning")
        ledger.write(lambda c: deliveries.set_state(c, found, State.CANCELLED, DUE, "cancelled"))
        return trouble

    platform.prepare = cancel_and_fail  # type: ignore[method-assign]
    job = job_of(with_picture(post, tmp_path))
    assert delivered(deliverer, job).outcome is Outcome.ELSEWHERE
    assert (find("morning").state, find("morning").reason) == (State.CANCELLED, "cancelled")
    assert ledger.read(alerts.unsent) == [] or isinstance(trouble, Unauthorized)
    platform.prepare = PlatformInMemory.prepare.__get__(platform)  # type: ignore[method-assign]
    assert delivered(deliverer, job).outcome is Outcome.ELSEWHERE
    assert platform.texts == []


def test_a_refusal_as_a_repeat_lets_the_look_say_of_what(
    deliverer: Deliverer, platform: PlatformInMemory, find: Find
) -> None:
    looked_for: list[bool] = []

    def refuse(part: PartToSend) -> InDoubt:
        platform._commit(part)
        return InDoubt("duplicate content", duplicate=True)

    look = platform.look

    def look_there(part: PartToSend) -> Look:
        looked_for.append(part.is_repeat)
        return look(part)

    platform.publish, platform.look = refuse, look_there  # type: ignore[method-assign]
    assert delivered(deliverer, job_of(post_of("morning", "Hei"))).outcome is Outcome.PUBLISHED
    assert looked_for == [True]
    assert find("morning").state is State.PUBLISHED


@pytest.mark.parametrize("where", ["the first look", "a later look", "who we are"])
def test_a_limit_that_a_doubt_meets_rests_the_account(
    deliverer: Deliverer, platform: PlatformInMemory, ledger: Ledger, clock: SteppingClock, find: Find, where: str
) -> None:
    limit = Unavailable("too many requests", DUE + timedelta(hours=3))
    platform.faults = ["lost request"]
    if where == "the first look":
        platform.look = lambda part: limit  # type: ignore[method-assign]
    delivered(deliverer, job_of(post_of("morning", "Hei")))
    if where == "a later look":
        platform.look = lambda part: limit  # type: ignore[method-assign]
    elif where == "who we are":
        platform.who = limit
        clock.wait_until(clock.now() + timedelta(hours=2))
    if where != "the first look":
        reconciled(deliverer, find("morning"), None)
    account_state = ledger.read(lambda connection: account_states.of(connection, "desk"))
    assert account_state.rested_until == limit.retry_at
    assert str(account_state.trouble).endswith("too many requests")
    (alert,) = ledger.read(alerts.unsent)
    assert alert.kind == "in-doubt"
    assert "until 2026-12-18 09:00 UTC" in alert.text


def test_a_limit_that_the_look_before_a_post_meets_rests_the_account_unless_the_post_is_taken(
    ledger: Ledger, platform: PlatformInMemory, clock: SteppingClock
) -> None:
    limit = Unavailable("too many requests", DUE + timedelta(minutes=15))
    platform.look = lambda part: limit  # type: ignore[method-assign]
    deliverer = Deliverer(ledger, "desk", platform)
    platform.faults = ["unavailable", None]
    rests = []
    for outcome in (Outcome.WAITING, Outcome.PUBLISHED):
        assert delivered(deliverer, job_of(post_of("morning", "Hei"))).outcome is outcome
        rests.append(ledger.read(lambda connection: account_states.of(connection, "desk").rested_until))
        clock.wait_until(DUE + timedelta(minutes=15))
    assert rests == [limit.retry_at, None]
