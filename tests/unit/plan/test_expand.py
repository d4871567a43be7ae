"""Campaigns become slots: who gets what, when, in which language and order."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigner.campaign.campaign import At
from campaigner.errors import Severity
from campaigner.loading.campaign_file import CampaignFile
from campaigner.plan.expand import Slot, busiest, expand

from .building import CATALOGUE, TODAY, Planning, account, campaign, config_of

BOTH = """
morning:
  at: "08:00"
  text:
    en: Good morning
    fi: Huomenta
"""


def both(head: str = "", messages: str = BOTH, **keys: str) -> CampaignFile:
    return campaign(messages, head, languages="[en, fi]", **keys)


def test_a_slot_knows_all_that_its_post_needs() -> None:
    desk = account("desk", languages=("en", "fi"), spacing=timedelta(minutes=5))
    first, second = Planning(both("late: 90m"), accounts=(desk,)).slots
    assert str(first.key) == "migrants-day/2026/morning/desk/en"
    assert first.due_at == second.due_at == datetime(2026, 12, 18, 6, tzinfo=UTC)
    assert first.local_at.isoformat() == "2026-12-18T08:00:00+02:00"
    assert (first.timezone, first.day, first.languages) == ("Europe/Helsinki", date(2026, 12, 18), ("en",))
    assert (first.late, first.spacing, first.draft) == (timedelta(minutes=90), timedelta(minutes=5), False)
    assert first.notes == ()
    assert second.notes == ("not before 08:05, for the account's spacing",)


def test_late_is_the_configs_where_the_campaign_has_none() -> None:
    assert Planning(both(), late=timedelta(hours=7)).slots[0].late == timedelta(hours=7)


def test_no_spacing_needs_no_note() -> None:
    desk = account("desk", languages=("en", "fi"), spacing=timedelta(0))
    assert [slot.notes for slot in Planning(both(), accounts=(desk,)).slots] == [(), ()]


def test_languages_that_are_one_go_out_without_spacing() -> None:
    desk = account("desk", languages=("en", "fi"))
    found = Planning(both("parity: required"), accounts=(desk,)).slots
    assert [slot.spacing for slot in found] == [timedelta(minutes=1), timedelta(0)]


def test_an_account_picks_its_languages_and_their_order() -> None:
    accounts = (account("finnish", languages=("fi",)), account("nordic", languages=("sv", "fi", "en")))
    assert Planning(both(), accounts=accounts).keys == [
        "2026/morning/finnish/fi", "2026/morning/nordic/fi", "2026/morning/nordic/en",
    ]  # fmt: skip


def test_together_is_one_post_in_the_accounts_order_under_a_key_in_the_campaigns() -> None:
    desk = account("desk", languages=("fi", "en"), bilingual="together")
    (slot,) = Planning(both(), accounts=(desk,)).slots
    assert slot.key.language == "en+fi"
    assert slot.languages == ("fi", "en")


def test_together_in_one_language_is_just_that() -> None:
    desk = account("desk", languages=("fi",), bilingual="together")
    assert [slot.key.language for slot in Planning(both(), accounts=(desk,)).slots] == ["fi"]


@pytest.mark.parametrize(
    ("of_message", "of_campaign", "of_account", "posts"),
    [
        (None, None, None, 2),
        (None, None, "together", 1),
        (None, "separate", "together", 2),
        (None, "together", "separate", 1),
        ("separate", "together", "together", 2),
        ("together", "separate", "separate", 1),
    ],
)
def test_the_nearest_choice_of_bilingual_counts(
    of_message: str | None, of_campaign: str | None, of_account: str | None, posts: int
) -> None:
    messages = BOTH + (f"  bilingual: {of_message}" if of_message else "")
    desk = account("desk", languages=("en", "fi"), bilingual=of_account)
    found = both(f"bilingual: {of_campaign}" if of_campaign else "", messages)
    assert len(Planning(found, accounts=(desk,)).slots) == posts


def test_a_message_with_fewer_languages_keeps_to_them() -> None:
    messages = "morning:\n  at: '08:00'\n  languages: [fi]\n  text: {fi: Huomenta}"
    accounts = (account("desk", languages=("en", "fi")), account("english", languages=("en",)))
    found = Planning(both(messages=messages), accounts=accounts)
    assert found.keys == ["2026/morning/desk/fi"]
    assert not found.plan.problems


def test_an_account_that_gets_no_language_of_the_campaign_is_noted() -> None:
    accounts = (account("desk", languages=("en", "fi")), account("german", languages=("de",)))
    found = Planning(both(messages=BOTH), accounts=accounts)
    note = next(problem for problem in found.plan.problems if problem.code == "no-language")
    assert note.severity is Severity.NOTE
    assert note.message == 'message "morning" is not posted on german, which gets none of its languages (en, fi)'
    assert (note.message_id, note.account) == ("morning", "german")


def test_a_mistyped_account_is_one_fault() -> None:
    accounts = (account("desk-x", languages=("en",)), account("desk-mastodon", languages=("en", "fi")))
    file = campaign(
        "m: {at: '08:00', text: {en: Hello, fi: Moi}, accounts: [desk-x, desk-masto]}", languages="[en, fi]"
    )
    assert [problem.code for problem in Planning(file, accounts=accounts).plan.problems] == ["unknown-account"]


def test_a_language_that_no_account_gets_is_a_warning() -> None:
    found = Planning(both(), accounts=(account("desk", languages=("en",)),))
    (problem,) = found.plan.problems
    assert (problem.code, problem.severity) == ("language-without-account", Severity.WARNING)
    assert problem.message.startswith("nothing is posted in fi")


ACCOUNTS = (
    account("helsinki", "mastodon"),
    account("stockholm", "mastodon"),
    account("bird", "x"),
    account("play", "console", like="x"),
)


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        ("all", ["helsinki", "stockholm", "bird", "play"]),
        ("[mastodon]", ["helsinki", "stockholm"]),
        ("[x]", ["bird", "play"]),
        ("[console]", ["play"]),
        ("[x, stockholm]", ["stockholm", "bird", "play"]),
        ("[stockholm, mastodon]", ["helsinki", "stockholm"]),
        ("[bird, linkedin]", ["bird"]),
    ],
)
def test_names_mean_accounts_and_platforms(names: str, chosen: list[str]) -> None:
    found = Planning(campaign("morning: {at: '08:00', text: Hello}", accounts=names), accounts=ACCOUNTS)
    assert [slot.key.account for slot in found.slots] == chosen


@pytest.mark.parametrize(
    ("names", "faults"),
    [
        ("[bird, linkedin]", [("platform-without-account", Severity.WARNING)]),
        ("[linkedin]", [("platform-without-account", Severity.WARNING), ("no-account", Severity.ERROR)]),
        ("[brid]", [("unknown-account", Severity.ERROR)]),
    ],
)
def test_names_that_mean_nobody_are_said_once(names: str, faults: list[tuple[str, Severity]]) -> None:
    messages = "morning: {at: '08:00', text: Hello}\nevening: {at: '18:00', text: Bye}"
    found = Planning(campaign(messages, accounts=names), accounts=ACCOUNTS).plan.problems
    assert [(problem.code, problem.severity) for problem in found] == faults
    assert {problem.message_id for problem in found} == {None}
    assert {problem.place.line for problem in found} == {5}


@pytest.mark.parametrize(
    ("name", "help_"),
    [
        ("brid", "Did you mean bird?"),
        ("twiter", "Did you mean x?"),
        ("zzzzz", "There is: helsinki, stockholm, bird, play."),
    ],
)
def test_a_mistyped_account_is_told_the_nearest(name: str, help_: str) -> None:
    (problem,) = Planning(
        campaign("m: {at: '08:00', text: Hello}", accounts=f"[{name}]"), accounts=ACCOUNTS
    ).plan.problems
    assert problem.message == f"there is no account or platform {name}"
    assert problem.help == help_


def test_a_message_has_its_own_accounts_and_its_own_faults() -> None:
    messages = """
    morning: {at: "08:00", text: Hello, accounts: [bird]}
    evening: {at: "18:00", text: Bye, accounts: [brid]}
    """
    found = Planning(campaign(messages), accounts=ACCOUNTS)
    assert [slot.key.account for slot in found.slots] == ["bird"]
    assert [(problem.code, problem.message_id) for problem in found.plan.problems] == [("unknown-account", "evening")]


VARIANTS = """
morning:
  at: "08:00"
  text: {en: Hello, fi: Huomenta}
  hashtags: [One]
  variants:
    bird:
      text: {fi: Huomenta lintu}
    x, bluesky:
      text: {en: Hello x, fi: Huomenta x}
      hashtags: [Two]
      draft: true
"""


def test_variants_merge_by_language_and_the_account_beats_the_platform() -> None:
    found = Planning(both(messages=VARIANTS), accounts=ACCOUNTS)
    messages = {slot.key.account: slot.message for slot in found.slots}
    assert messages["helsinki"].text == {"en": "Hello", "fi": "Huomenta"}
    assert messages["bird"].text == {"en": "Hello x", "fi": "Huomenta lintu"}
    assert messages["play"].text == {"en": "Hello x", "fi": "Huomenta x"}
    assert messages["bird"].hashtags == {"all": ("Two",)}
    assert {slot.key.account: slot.draft for slot in found.slots} == {
        "helsinki": False, "stockholm": False, "bird": True, "play": True,
    }  # fmt: skip


def test_a_variant_that_nobody_gets_is_said() -> None:
    messages = VARIANTS.replace("bird:", "brid:").replace("x, bluesky", "x, helsinki") + "  accounts: [x]"
    found = Planning(both(messages=messages), accounts=ACCOUNTS).plan.problems
    said = {(problem.code, problem.severity, problem.message) for problem in found if problem.message_id}
    assert said == {
        ("unknown-account", Severity.ERROR, "there is no account or platform brid"),
        ("idle-variant", Severity.WARNING, "the message does not go to helsinki: this variant is not used"),
    }
    places = {problem.code: problem.place.line for problem in found}
    assert places["unknown-account"] + 2 == places["idle-variant"]


def test_a_variant_for_a_platform_without_an_account_is_no_fault() -> None:
    codes = Planning(both(messages=VARIANTS.replace("x, bluesky", "linkedin")), accounts=ACCOUNTS).codes
    assert codes == ["language-without-account"]


@pytest.mark.parametrize(
    ("draft", "in_message", "expected"),
    [("false", "", False), ("true", "", True), ("true", "draft: false", False), ("false", "draft: true", True)],
)
def test_a_message_decides_for_itself_whether_it_is_a_draft(draft: str, in_message: str, expected: bool) -> None:
    messages = f"morning:\n  at: '08:00'\n  text: Hello\n  {in_message}"
    assert Planning(campaign(messages, f"draft: {draft}")).slots[0].draft is expected


def test_a_time_in_another_zone_is_shown_on_the_accounts_own_clock() -> None:
    (slot,) = Planning(campaign("speech: {at: '11:00 Europe/Zurich', text: Hello}")).slots
    assert slot.due_at == datetime(2026, 12, 18, 10, tzinfo=UTC)
    assert slot.local_at.isoformat() == "2026-12-18T12:00:00+02:00"
    assert slot.timezone == "Europe/Helsinki"
    assert slot.notes == ("11:00 in Europe/Zurich",)


def test_each_account_has_its_own_morning() -> None:
    accounts = (account("west", timezone="America/New_York"), account("east", timezone="Asia/Tokyo"))
    found = Planning(campaign("m: {at: '08:00', text: Hello}"), accounts=accounts)
    assert [(slot.key.account, slot.due_at.hour) for slot in found.slots] == [("east", 23), ("west", 13)]


@pytest.mark.parametrize(
    ("at", "local"),
    [
        ("-1d 18:00", "2026-12-17T18:00:00+02:00"),
        ("+2d 09:00", "2026-12-20T09:00:00+02:00"),
        ("day 1 09:00", "2026-12-18T09:00:00+02:00"),
        ("day 7 09:00", "2026-12-24T09:00:00+02:00"),
    ],
)
def test_days_are_counted_from_the_observance(at: str, local: str) -> None:
    (slot,) = Planning(campaign(f"m: {{at: '{at}', text: Hello}}")).slots
    assert slot.local_at.isoformat() == local


def test_a_skipped_wall_time_is_noted() -> None:
    found = Planning(campaign("m: {at: '03:30', text: Hello}", observance="29 March"))
    (slot,) = found.slots
    assert slot.local_at.isoformat() == "2026-03-29T04:30:00+03:00"
    assert slot.notes == (slot.clock_note,)
    assert "does not exist" in slot.clock_note


def test_an_unknown_zone_and_a_day_outside_the_calendar_hold_the_message_back() -> None:
    file = campaign("m: {at: '08:00', text: Hello}\nn: {at: '09:00', text: Bye}")
    assert file.campaign is not None
    first, second = file.campaign.messages
    at = At(time=first.at.time, zone="Europe/Atlantis")
    far = At(time=first.at.time, days=4_000_000)
    messages = (first.model_copy(update={"at": at}), second.model_copy(update={"at": far}))
    changed = file.campaign.model_copy(update={"messages": messages})
    found = Planning(CampaignFile(**{**vars(file), "campaign": changed}))
    assert not found.slots
    assert [(p.code, p.message_id, p.message) for p in found.plan.problems] == [
        ("timezone", "m", "there is no time zone Europe/Atlantis"),
        ("no-day", "n", "the day lies outside the calendar"),
    ]


def test_an_observance_that_means_nothing_is_said_in_its_place() -> None:
    file = campaign("m: {at: '08:00', text: Hello}")
    assert file.campaign is not None
    changed = file.campaign.model_copy(update={"observance": "17th of Nonsense"})
    found = Planning(CampaignFile(**{**vars(file), "campaign": changed}))
    assert not found.slots
    assert [(problem.code, problem.place.line) for problem in found.plan.problems] == [("observance", 2)]


def test_slots_of_one_instant_stand_in_the_order_of_files_messages_accounts_and_languages() -> None:
    messages = "b: {at: '08:00', text: {en: B, fi: B}}\na: {at: '08:00', text: {en: A, fi: A}}\nc: {at: '07:00', text: {en: C, fi: C}}"
    accounts = (account("zebra", languages=("fi", "en")), account("ant", languages=("en",)))
    first = both(messages=messages)
    second = campaign("d: {at: '08:00', text: D}")
    found = Planning(first, CampaignFile(**{**vars(second), "id": "other"}), accounts=accounts)
    assert found.keys == [
        "2026/c/zebra/fi", "2026/c/zebra/en", "2026/c/ant/en",
        "2026/b/zebra/fi", "2026/b/zebra/en", "2026/b/ant/en",
        "2026/a/zebra/fi", "2026/a/zebra/en", "2026/a/ant/en",
        "2026/d/zebra/en", "2026/d/ant/en",
    ]  # fmt: skip


def test_a_file_that_cannot_be_used_has_no_slots() -> None:
    good = campaign("m: {at: '08:00', text: Hello}")
    broken = CampaignFile(**{**vars(good), "id": "broken", "campaign": None})
    found = Planning(broken, good)
    assert found.keys == ["2026/m/desk/en"]
    assert found.plan.files == (broken, good)


def test_handles_of_the_campaign_come_before_the_configs() -> None:
    file = campaign("m: {at: '08:00', text: Hello}", "handles: {iom: {name: Ours}}")
    (slot,) = Planning(file, handles={"iom": {"name": "Theirs"}, "un": {"name": "UN"}}).slots
    assert slot.frame.handles == {"iom": {"name": "Ours"}, "un": {"name": "UN"}}


def test_the_same_input_gives_the_same_plan() -> None:
    def made() -> Any:
        accounts = {one.name: one for one in ACCOUNTS}
        return expand([both()], accounts, config=config_of(accounts), catalogue=CATALOGUE, today=TODAY)

    assert [(slot.key, slot.due_at, slot.notes) for slot in made().slots] == [
        (slot.key, slot.due_at, slot.notes) for slot in made().slots
    ]


def slots_at(minutes: list[int], **keys: Any) -> list[Slot]:
    messages = "\n".join(
        f"m{number}: {{at: '{minute // 60:02}:{minute % 60:02}', text: Hello}}" for number, minute in enumerate(minutes)
    )
    return list(Planning(campaign(messages, **keys)).slots)


@given(
    st.lists(st.integers(0, 1439), min_size=1, max_size=12),
    st.integers(0, 300).map(lambda minutes: timedelta(minutes=minutes)),
)
def test_the_busiest_stretch_is_the_fullest_window_that_there_is(minutes: list[int], late: timedelta) -> None:
    window = max(late, timedelta(hours=2)).total_seconds() / 60 + 60
    fullest = max(sum(start <= minute <= start + window for minute in minutes) for start in minutes)
    assert busiest(slots_at(minutes), late) == fullest


def test_the_busiest_stretch_of_nothing_is_nothing_and_drafts_do_not_count() -> None:
    assert busiest([], timedelta(hours=2)) == 0
    assert busiest(slots_at([480, 490], draft="true"), timedelta(hours=2)) == 0
    assert busiest(slots_at([480, 490, 900]), timedelta(0)) == 2


def test_a_campaign_that_may_be_later_widens_the_stretch() -> None:
    assert busiest(slots_at([0, 600], late="12h"), timedelta(hours=2)) == 2
