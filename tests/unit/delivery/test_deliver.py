"""One due post, once: what each outcome leaves in the ledger, and what is sent again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from campaigner.clock import SteppingClock
from campaigner.delivery.deliver import Deliverer
from campaigner.delivery.record_outcome import LOOK_AGAIN
from campaigner.delivery.steps import Outcome
from campaigner.ledger import account_states, alerts, decisions, deliveries
from campaigner.ledger.ledger import Ledger
from campaigner.ledger.models import State
from campaigner.platforms.base import (
    Identity,
    Media,
    PartToSend,
    Reconciliation,
    Rejected,
    Unauthorized,
    Unavailable,
    Uploaded,
)
from campaigner.post.post import Post

from .conftest import DUE, Find, confirm, delivered, job_of, key_of, post_of, reconciled, with_picture
from .platform_in_memory import PlatformInMemory


def test_a_post_goes_out_once_and_is_remembered(deliverer: Deliverer, platform: PlatformInMemory, find: Find) -> None:
    job = job_of(post_of("morning", "Hyvää huomenta"))
    first, second = delivered(deliverer, job), delivered(deliverer, job)
    assert (first.outcome, first.url) == (Outcome.PUBLISHED, "https://memory.example/0")
    assert second.outcome is Outcome.ELSEWHERE
    assert platform.texts == ["Hyvää huomenta"]
    assert find("morning").state is State.PUBLISHED


def test_sending_is_durable_before_the_first_byte(deliverer: Deliverer, platform: PlatformInMemory, find: Find) -> None:
    seen: list[State] = []
    platform.before_publish = lambda part: seen.append(find("morning").state)
    delivered(deliverer, job_of(post_of("morning", "Hei")))
    assert seen == [State.SENDING]


def test_a_lost_answer_is_looked_up_and_never_repeated(
    deliverer: Deliverer, platform: PlatformInMemory, find: Find
) -> None:
    platform.faults = ["lost answer"]
    report = delivered(deliverer, job_of(post_of("morning", "Hei")))
    assert report.outcome is Outcome.PUBLISHED
    assert platform.calls == ["publish", "look"]
    assert platform.texts == ["Hei"]


def test_a_lost_request_stays_in_doubt_for_two_minutes_then_goes_out_once(
    deliverer: Deliverer, platform: PlatformInMemory, find: Find, clock: SteppingClock
) -> None:
    platform.faults = ["lost request"]
    assert delivered(deliverer, job_of(post_of("morning", "Hei"))).outcome is Outcome.IN_DOUBT
    early = reconciled(deliverer, find("morning"), DUE + timedelta(hours=2))
    assert (early.outcome, platform.texts) == (Outcome.IN_DOUBT, [])
    clock.wait_until(clock.now() + LOOK_AGAIN)
    late = reconciled(deliverer, find("morning"), DUE + timedelta(hours=2))
    assert (late.outcome, platform.texts) == (Outcome.PUBLISHED, ["Hei"])


def test_the_repeat_carries_the_same_token_and_a_post_settled_as_not_out_a_new_one(
    deliverer: Deliverer, platform: PlatformInMemory, find: Find, clock: SteppingClock
) -> None:
    tokens: list[str] = []
    platform.before_publish = lambda part: tokens.append(part.token)
    platform.faults = ["unavailable", "lost request"]
    job = job_of(post_of("morning", "Hei"))
    delivered(deliverer, job)
    delivered(deliverer, job)
    clock.wait_until(clock.now() + LOOK_AGAIN)
    reconciled(deliverer, find("morning"), None)
    assert tokens[0] != tokens[1] == tokens[2]


@pytest.mark.parametrize("kind", [Reconciliation.DUPLICATE_REFUSAL, Reconciliation.NONE])
def test_where_absence_proves_nothing_a_person_decides(
    ledger: Ledger, platform: PlatformInMemory, find: Find, clock: SteppingClock, kind: Reconciliation
) -> None:
    platform.reconciliation, platform.absence_after = kind, None
    platform.faults = ["lost request"]
    deliverer = Deliverer(ledger, "desk", platform)
    delivered(deliverer, job_of(post_of("morning", "Hei")))
    clock.wait_until(clock.now() + timedelta(hours=1))
    assert reconciled(deliverer, find("morning"), None).outcome is Outcome.IN_DOUBT
    assert platform.calls.count("publish") == 1
    told = ledger.read(alerts.unsent)
    assert [alert.kind for alert in told] == ["in-doubt"]
    assert "campaigner resolve migrants-day/2026/morning/desk/fi" in told[0].command


@pytest.mark.parametrize("answer", ["found", "absent", "no answer"])
def test_what_a_person_settles_while_the_platform_is_asked_stands(
    ledger: Ledger, platform: PlatformInMemory, deliverer: Deliverer, find: Find, clock: SteppingClock, answer: str
) -> None:
    platform.reconciliation, platform.honours_keys = Reconciliation.LOOKUP, False
    platform.faults = ["lost answer" if answer == "found" else "lost request"]
    platform.look_faults = ["it is down"]
    job = job_of(post_of("morning", "Hei"))
    delivered(deliverer, job)
    clock.wait_until(clock.now() + LOOK_AGAIN)

    def a_person_says_it_is_out() -> None:
        found = find("morning")
        ledger.write(lambda connection: deliveries.set_state(connection, found, State.PUBLISHED, clock.now(), "seen"))

    platform.before_look = a_person_says_it_is_out
    platform.look_faults = ["it is down"] if answer == "no answer" else []
    assert reconciled(deliverer, find("morning"), None).outcome is Outcome.ELSEWHERE
    assert (find("morning").state, find("morning").reason) == (State.PUBLISHED, "seen")
    assert platform.calls.count("publish") == 1


@pytest.mark.parametrize("kind", [Reconciliation.LOOKUP, Reconciliation.CONTAINER])
def test_a_platform_that_can_be_asked_is_believed_and_the_post_is_due_again(
    ledger: Ledger, platform: PlatformInMemory, find: Find, clock: SteppingClock, kind: Reconciliation
) -> None:
    platform.reconciliation, platform.honours_keys = kind, False
    platform.faults = ["lost request"]
    deliverer = Deliverer(ledger, "desk", platform)
    job = job_of(post_of("morning", "Hei"))
    delivered(deliverer, job)
    clock.wait_until(clock.now() + LOOK_AGAIN)
    assert reconciled(deliverer, find("morning"), None).outcome is Outcome.WAITING
    assert delivered(deliverer, job).outcome is Outcome.PUBLISHED
    assert platform.texts == ["Hei"]


def test_a_native_key_is_not_used_after_fifty_minutes(
    deliverer: Deliverer, platform: PlatformInMemory, find: Find, clock: SteppingClock
) -> None:
    platform.faults = ["lost request"]
    delivered(deliverer, job_of(post_of("morning", "Hei")))
    clock.wait_until(clock.now() + timedelta(minutes=51))
    assert reconciled(deliverer, find("morning"), None).outcome is Outcome.WAITING
    assert platform.calls.count("publish") == 1
    assert find("morning").state is State.DUE


def test_past_late_a_doubt_is_looked_at_but_not_repeated(
    deliverer: Deliverer, platform: PlatformInMemory, find: Find, clock: SteppingClock
) -> None:
    platform.faults = ["lost request"]
    delivered(deliverer, job_of(post_of("morning", "Hei")))
    clock.wait_until(clock.now() + timedelta(minutes=5))
    reconciled(deliverer, find("morning"), clock.now() - timedelta(minutes=1))
    assert (platform.texts, platform.calls.count("publish")) == ([], 1)


def test_a_look_that_fails_keeps_the_doubt(
    deliverer: Deliverer, platform: PlatformInMemory, find: Find, clock: SteppingClock
) -> None:
    platform.faults, platform.look_faults = ["lost answer"], ["down", "down"]
    delivered(deliverer, job_of(post_of("morning", "Hei")))
    clock.wait_until(clock.now() + LOOK_AGAIN)
    assert reconciled(deliverer, find("morning"), None).outcome is Outcome.IN_DOUBT
    assert "down" in (find("morning").reason or "")
    clock.wait_until(clock.now() + LOOK_AGAIN)
    assert reconciled(deliverer, find("morning"), None).outcome is Outcome.PUBLISHED
    assert platform.texts == ["Hei"]


def test_a_refusal_is_final_and_told_with_the_command(
    deliverer: Deliverer, platform: PlatformInMemory, ledger: Ledger, find: Find
) -> None:
    platform.faults = ["refused"]
    assert delivered(deliverer, job_of(post_of("morning", "Hei"))).outcome is Outcome.FAILED
    assert find("morning").state is State.FAILED
    assert [alert.command for alert in ledger.read(alerts.unsent)] == [
        "campaigner retry migrants-day/2026/morning/desk/fi"
    ]


def test_a_refused_account_stops_and_is_told_once(
    deliverer: Deliverer, platform: PlatformInMemory, ledger: Ledger, find: Find
) -> None:
    platform.faults = ["unauthorized", "unauthorized"]
    delivered(deliverer, job_of(post_of("morning", "Hei")))
    delivered(deliverer, job_of(post_of("noon", "Päivää")))
    assert find("morning").state is State.DUE
    assert ledger.read(lambda c: account_states.of(c, "desk")).stopped_reason == "the token was revoked"
    assert [alert.kind for alert in ledger.read(alerts.unsent)] == ["account"]


def test_an_account_that_cannot_be_asked_keeps_its_posts_due(ledger: Ledger, platform: PlatformInMemory) -> None:
    platform.who = Unauthorized("wrong token")
    report = delivered(Deliverer(ledger, "desk", platform), job_of(post_of("morning", "Hei")))
    assert (report.outcome, report.reason) == (Outcome.WAITING, "wrong token")
    assert list(ledger.read(deliveries.settled_keys).values()) == [State.DUE]


@pytest.mark.parametrize(("days", "told"), [(8, 0), (6, 1)])
def test_an_access_that_ends_within_a_week_is_told_once(
    deliverer: Deliverer, ledger: Ledger, platform: PlatformInMemory, days: int, told: int
) -> None:
    platform.who = Identity(id="memory:1", name="us", expires_at=DUE + timedelta(days=days))
    delivered(deliverer, job_of(post_of("morning", "Hei")))
    deliverer.identity.forget()
    delivered(deliverer, job_of(post_of("evening", "Hei taas")))
    found = ledger.read(alerts.unsent)
    assert [(alert.kind, alert.command) for alert in found] == [("token", "campaigner accounts check desk")] * told


def test_a_server_that_is_down_is_tried_again_later(
    deliverer: Deliverer, platform: PlatformInMemory, find: Find
) -> None:
    platform.faults = ["unavailable"]
    report = delivered(deliverer, job_of(post_of("morning", "Hei")))
    assert report.outcome is Outcome.WAITING
    assert report.until is not None
    assert timedelta(seconds=10) < report.until - DUE < timedelta(seconds=20)
    assert find("morning").state is State.DUE


def test_five_failures_in_a_row_rest_the_account(
    deliverer: Deliverer, platform: PlatformInMemory, ledger: Ledger
) -> None:
    platform.faults = ["unavailable"] * 5
    for number in range(5):
        delivered(deliverer, job_of(post_of(f"m{number}", f"Hei {number}")))
    assert ledger.read(lambda c: account_states.of(c, "desk")).rested_until == DUE + timedelta(minutes=5)


def test_a_thread_goes_on_where_it_stopped(
    deliverer: Deliverer, platform: PlatformInMemory, find: Find, clock: SteppingClock
) -> None:
    platform.faults = [None, "unavailable"]
    thread = job_of(post_of("thread", "yksi", "kaksi", "kolme"))
    assert delivered(deliverer, thread).outcome is Outcome.WAITING
    changed = job_of(post_of("thread", "yksi!", "kaksi!", "kolme!"))
    assert delivered(deliverer, changed).outcome is Outcome.PUBLISHED
    assert platform.texts == ["yksi", "kaksi", "kolme"]
    assert [part.parent and part.parent.id for part in platform.journal] == [None, "0", "1"]
    assert find("thread").url == "https://memory.example/0"


def test_the_rest_of_a_thread_goes_out_nowhere_but_where_it_began(
    deliverer: Deliverer, platform: PlatformInMemory, ledger: Ledger, clock: SteppingClock
) -> None:
    platform.faults = [None, "unavailable"]
    thread = job_of(post_of("thread", "yksi", "kaksi"))
    delivered(deliverer, thread)
    clock.wait_until(clock.now() + timedelta(hours=1))
    ours, platform.who = platform.who, Identity(id="memory:2", name="others")
    report = delivered(deliverer, thread)
    assert (report.outcome, report.reason) == (
        Outcome.HELD,
        "its beginning is out as memory:1, and the account is memory:2 now",
    )
    assert platform.texts == ["yksi"]
    clock.wait_until(clock.now() + timedelta(hours=1))
    platform.who = ours
    assert delivered(deliverer, thread).outcome is Outcome.PUBLISHED
    assert platform.texts == ["yksi", "kaksi"]


def test_a_refused_later_part_leaves_a_partial_post_and_the_command_that_takes_it_down(
    deliverer: Deliverer, platform: PlatformInMemory, ledger: Ledger, find: Find
) -> None:
    platform.faults = [None, "refused"]
    assert delivered(deliverer, job_of(post_of("thread", "yksi", "kaksi"))).outcome is Outcome.PARTIAL
    assert find("thread").state is State.PARTIAL
    assert ledger.read(alerts.unsent)[0].command == "campaigner delete migrants-day/2026/thread/desk/fi"


def test_a_doubt_in_the_middle_of_a_thread_is_settled_and_the_thread_ends(
    deliverer: Deliverer, platform: PlatformInMemory, find: Find, clock: SteppingClock
) -> None:
    platform.faults, platform.look_faults = [None, "lost answer"], ["down"]
    delivered(deliverer, job_of(post_of("thread", "yksi", "kaksi", "kolme")))
    clock.wait_until(clock.now() + LOOK_AGAIN)
    assert reconciled(deliverer, find("thread"), None).outcome is Outcome.PUBLISHED
    assert platform.texts == ["yksi", "kaksi", "kolme"]


def test_a_hold_given_before_the_last_look_stops_a_claimed_post(
    deliverer: Deliverer, platform: PlatformInMemory, ledger: Ledger, find: Find, tmp_path: Path
) -> None:
    upload_with(platform, lambda: _hold(ledger))
    report = delivered(deliverer, job_of(with_picture(post_of("morning", "Hei"), tmp_path)))
    assert (report.outcome, report.gate) == (Outcome.HELD, False)
    assert platform.texts == []
    assert find("morning").state is State.DUE


def test_what_is_on_hold_when_its_turn_comes_is_not_even_claimed(
    deliverer: Deliverer, platform: PlatformInMemory, ledger: Ledger
) -> None:
    _hold(ledger)
    report = delivered(deliverer, job_of(post_of("morning", "Hei")))
    assert (report.outcome, report.gate, report.reason) == (Outcome.HELD, False, "on hold: a disaster")
    assert platform.texts == []
    assert ledger.read(lambda c: deliveries.find(c, key_of("morning"))) is None


def test_a_hold_stops_the_next_part_of_a_thread(
    deliverer: Deliverer, platform: PlatformInMemory, ledger: Ledger
) -> None:
    def hold(part: PartToSend) -> None:
        _hold(ledger)

    platform.before_publish = hold
    assert delivered(deliverer, job_of(post_of("thread", "yksi", "kaksi"))).outcome is Outcome.HELD
    assert platform.texts == ["yksi"]


def test_the_same_text_under_another_key_waits_for_a_person(deliverer: Deliverer, platform: PlatformInMemory) -> None:
    delivered(deliverer, job_of(post_of("morning", "Hyvää  Huomenta")))
    twin = post_of("renamed", "hyvää huomenta")
    report = delivered(deliverer, job_of(twin))
    assert (report.outcome, report.gate) == (Outcome.HELD, True)
    assert "migrants-day/2026/morning/desk/fi" in report.reason
    confirm(deliverer.ledger, job_of(twin))
    assert delivered(deliverer, job_of(twin)).outcome is Outcome.PUBLISHED


def test_an_id_that_belongs_to_another_post_proves_nothing(
    deliverer: Deliverer, platform: PlatformInMemory, find: Find
) -> None:
    delivered(deliverer, job_of(post_of("morning", "Hei")))
    platform.before_publish = lambda part: platform.journal.clear()
    report = delivered(deliverer, job_of(post_of("noon", "Päivää")))
    assert report.outcome is Outcome.IN_DOUBT
    assert find("noon").state is State.IN_DOUBT


def test_a_cancelled_post_is_not_sent_even_when_it_was_claimed(
    deliverer: Deliverer, platform: PlatformInMemory, ledger: Ledger, find: Find, tmp_path: Path
) -> None:
    def cancel() -> None:
        delivery = find("morning")
        ledger.write(lambda c: deliveries.set_state(c, delivery, State.CANCELLED, DUE, "cancelled"))

    upload_with(platform, cancel)
    assert delivered(deliverer, job_of(with_picture(post_of("morning", "Hei"), tmp_path))).outcome is Outcome.ELSEWHERE
    assert platform.texts == []
    assert find("morning").state is State.CANCELLED


def upload_with(platform: PlatformInMemory, act: Callable[[], None]) -> None:
    """Something happens while an image is uploaded."""
    prepare = platform.prepare

    def slow(media: Media) -> Uploaded | Rejected | Unauthorized | Unavailable:
        act()
        return prepare(media)

    platform.prepare = slow  # type: ignore[method-assign]


def _hold(ledger: Ledger) -> None:
    ledger.write(
        lambda c: decisions.give_hold(
            c, campaign=None, account=None, until=None, reason="a disaster", given_by="test", now=DUE
        )
    )


def test_the_key_in_reports_is_the_posts_own(deliverer: Deliverer) -> None:
    assert delivered(deliverer, job_of(post_of("morning", "Hei"))).key == key_of("morning")


def test_an_account_is_looked_at_once_before_a_process_first_posts_to_it(
    ledger: Ledger, platform: PlatformInMemory
) -> None:
    deliverer = Deliverer(ledger, "desk", platform)
    assert delivered(deliverer, job_of(post_of("morning", "Hei"))).outcome is Outcome.PUBLISHED
    assert delivered(deliverer, job_of(post_of("noon", "Päivää"))).outcome is Outcome.PUBLISHED
    assert platform.calls == ["look", "publish", "publish"]


def test_a_text_that_is_there_already_is_held_until_a_person_says_so(
    ledger: Ledger, platform: PlatformInMemory, clock: SteppingClock
) -> None:
    post = post_of("morning", "Hei")
    elsewhere = Deliverer(ledger, "desk", platform)
    platform.publish(_part_of(post))
    report = delivered(elsewhere, job_of(post))
    assert (report.outcome, report.gate) == (Outcome.HELD, True)
    assert "this ledger did not post it" in report.reason
    # Neither a look that fails nor another post that is not there lets it go.
    platform.look_faults = ["it is down"]
    assert delivered(elsewhere, job_of(post)).outcome is Outcome.HELD
    platform.look_faults = []
    assert delivered(elsewhere, job_of(post_of("noon", "Päivää"))).outcome is Outcome.PUBLISHED
    assert delivered(elsewhere, job_of(post)).outcome is Outcome.HELD
    assert delivered(Deliverer(ledger, "desk", platform), job_of(post)).outcome is Outcome.HELD
    confirm(ledger, job_of(post))
    assert delivered(elsewhere, job_of(post)).outcome is Outcome.PUBLISHED


def _part_of(post: Post) -> PartToSend:
    return PartToSend(text=post.parts[0].text, languages=("fi",), token="other", due_at=DUE, created_at=DUE)


def test_each_post_that_was_due_long_before_a_process_began_is_looked_for(
    ledger: Ledger, platform: PlatformInMemory, clock: SteppingClock
) -> None:
    platform.publish(_part_of(post_of("noon", "Päivää")))
    clock.wait_until(DUE + timedelta(minutes=11))
    # This ledger was put back from an older copy: the second of these is out, the first is not.
    ledger.at_work_since = clock.now()
    deliverer = Deliverer(ledger, "desk", platform)
    assert delivered(deliverer, job_of(post_of("morning", "Hei"))).outcome is Outcome.PUBLISHED
    assert delivered(deliverer, job_of(post_of("noon", "Päivää"))).outcome is Outcome.HELD
    assert platform.texts == ["Päivää", "Hei"]


def test_a_platform_that_does_not_let_us_look_is_not_asked_at_each_post(
    ledger: Ledger, platform: PlatformInMemory, clock: SteppingClock
) -> None:
    platform.look_faults = ["it costs money"] * 9
    deliverer = Deliverer(ledger, "desk", platform)
    for name in ("one", "two", "three"):
        assert delivered(deliverer, job_of(post_of(name, f"Hei {name}"))).outcome is Outcome.PUBLISHED
    clock.wait_until(clock.now() + timedelta(minutes=2))
    assert delivered(deliverer, job_of(post_of("four", "Hei four"))).outcome is Outcome.PUBLISHED
    assert platform.calls.count("look") == 2
