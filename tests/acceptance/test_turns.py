"""Accounts take turns: none waits for what another can't do now, however many there are."""

from __future__ import annotations

from campaigner.fakes.mastodon import FakeMastodon

from .test_kill import wait_for
from .workplace import Workplace, account, at, campaign

MANY = 20
SILENT = {"platform": "console", "languages": ["en"]}


def test_a_large_group_that_is_asked_slowly_holds_up_nobody_else(
    place: Workplace, mastodon: FakeMastodon, twins: FakeMastodon
) -> None:
    place.speed = 1.0
    many = {f"desk{n:02}": SILENT for n in range(MANY)}
    place.write_config({"slow": account(mastodon, ["en"]), **many, "other": account(twins, ["en"])})
    group = {"morning": {"at": "08:00", "text": {"en": "Good morning"}}}
    place.write(
        "campaigns/together.yaml", campaign(group, accounts=["slow", *many], parity="required", languages=["en"])
    )
    alone = {"later": {"at": "08:01", "text": {"en": "By itself"}}}
    place.write("campaigns/alone.yaml", campaign(alone, accounts=["other"], languages=["en"]))
    place.accept()
    place.move_to(at("08:01:10"))
    mastodon.fault("late", path_prefix="/api/v1/accounts/verify_credentials", method="GET", seconds=10)
    process = place.start_process("run", "--once")
    wait_for(lambda: bool(twins.journal))
    assert mastodon.journal == []
    output = process.communicate(timeout=60)[0]
    assert (process.returncode, mastodon.texts) == (0, ["Good morning"]), output


def test_who_must_wait_for_its_spacing_keeps_nobody_else_waiting(
    place: Workplace, mastodon: FakeMastodon, twins: FakeMastodon
) -> None:
    place.speed = 1.0
    place.write_config({"seldom": account(mastodon, ["en"], spacing="1h"), "often": account(twins, ["en"])})
    texts = {f"m{n:02}": "The same words" for n in range(MANY)} | {"m99": "Other words"}
    messages = {name: {"at": "08:00", "text": {"en": text}} for name, text in texts.items()}
    place.write("campaigns/often.yaml", campaign(messages, accounts=["often"], languages=["en"]))
    two = {name: {"at": "08:00", "text": {"en": name}} for name in ("first", "second")}
    place.write("campaigns/seldom.yaml", campaign(two, accounts=["seldom"], languages=["en"]))
    place.accept()
    place.move_to(at("08:00:10"))
    twins.fault("late", path_prefix="/api/v1/statuses", method="POST", seconds=2)
    process = place.start_process("run", "--once")
    try:
        wait_for(lambda: twins.texts == ["The same words", "Other words"], 20)
        assert mastodon.texts == ["first"]
    finally:
        process.terminate()
        output = process.communicate(timeout=40)[0]
    assert "held often/2020/m01/often/en" in output
