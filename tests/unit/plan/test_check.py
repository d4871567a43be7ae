"""Every post against its platform and the campaign against itself, before anything is posted."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import time
from pathlib import Path
from typing import Any

import pytest

from campaigner.errors import Severity, render
from campaigner.loading.campaign_file import CampaignFile, Places
from campaigner.loading.images import ImageFacts
from campaigner.plan.accounts import Account
from campaigner.plan.check import check
from campaigner.strict_yaml import Document

from .building import PROFILES, Planning, account, campaign, campaign_file

BIRD = account("iom-finland-x", "x", ("en", "fi"))


def planning(
    message: str, head: str = "", by: Account | None = None, settings: dict[str, Any] | None = None, **keys: str
) -> Planning:
    lines = "\n".join(f"  {line}" for line in message.strip("\n").split("\n"))
    at = "" if re.search("^at:", message, re.MULTILINE) else "  at: '08:00'\n"
    text = "" if re.search("^text:", message, re.MULTILINE) else "  text: Hello\n"
    file = campaign(f"morning:\n{at}{text}{lines}", head, **keys)
    return Planning(file, accounts=(by or account("desk"),), **(settings or {}))


def with_profile(**changes: Any) -> Account:
    found = account("desk")
    return Account(found.config, replace(found.profile, **changes))


def codes(found: Planning) -> list[tuple[str, Severity]]:
    return [(problem.code, problem.severity) for problem in found.problems()]


EVENING = """\
campaign: World Refugee Day
observance: world-refugee-day
editions: [2026]
languages: [en, fi]
accounts: all
messages:
  evening:
    at: 18:00
    text:
      en: |
        Thank you for walking with us today, and for every question, every story and every cup of tea that was shared.

      fi: |
        TEXT
"""


def test_a_text_that_is_too_long_reads_as_in_the_documentation() -> None:
    file = campaign_file(EVENING.replace("TEXT", "kiitos " * 41 + "kiit"), "world-refugee-day")
    (problem,) = Planning(file, accounts=(BIRD,)).problems()
    assert render(problem) == (
        "campaigns/world-refugee-day.yaml:13:7: error: the text is 11 characters too long for x: 291, the limit is 280 [text-too-long]\n"
        '    message "evening", language fi, account iom-finland-x. Shorten it, or give a variant for x. A link counts 23 there, and an emoji 2.'
    )
    assert (problem.campaign, problem.message_id) == ("world-refugee-day", "evening")


def test_a_text_at_the_limit_fits() -> None:
    file = campaign_file(EVENING.replace("TEXT", "kiitos " * 40), "world-refugee-day")
    assert not Planning(file, accounts=(BIRD,)).problems()


def test_a_text_that_fits_only_because_links_count_less_fits() -> None:
    address = "https://iom.int/" + "a" * 300
    assert not planning(f"text: 'Look: {address}'", by=BIRD).problems()


def test_a_fault_of_the_message_is_not_laid_on_a_variant_that_changes_something_else() -> None:
    message = "text: {en: '{who}'}\nvariants: {x: {draft: true}, iom-finland-x: {hashtags: [Day]}}"
    found = planning(message, by=BIRD)
    place = found.slots[0].file.places.of_words(("messages", "morning", "text", "en"), "{who}")
    assert found.problem("unknown-word").place == place


def test_a_fault_of_a_variant_in_a_campaign_without_places_has_the_first_line() -> None:
    file = campaign("m: {at: '08:00', text: Hello, variants: {x: {text: {en: '{who}'}}}}")
    found = Planning(
        CampaignFile(**{**vars(file), "places": Places(lambda: Document(None), file.shown_as)}),
        accounts=(account("bird", "x"),),
    )
    problem = found.problem("unknown-word")
    assert (problem.place.line, problem.place.column) == (1, 1)


def test_too_many_bytes_are_said_in_bytes() -> None:
    family = "👩‍👩‍👧‍👦"
    found = planning(
        f"text: {family * 130}\nallow: {{emoji-many: a test, emoji-row: a test}}", by=account("sky", "bluesky")
    )
    (problem,) = found.problems()
    assert problem.message == "the text is 250 bytes too long for bluesky: 3250, the limit is 3000"
    assert problem.help == "Shorten it, or give a variant for bluesky."


def test_a_long_text_of_a_variant_is_said_at_the_variant() -> None:
    message = """
text:
  en: Short
variants:
  x, bluesky:
    text:
      en: |
        LONG
""".replace("LONG", "Long enough. " * 30)
    found = planning(message, by=BIRD)
    problem = found.problem("text-too-long")
    written = found.slots[0].file.place("messages", "morning", "variants", "x, bluesky", "text", "en")
    assert problem.place == written


def test_a_long_follow_up_is_said_at_its_place() -> None:
    message = f"thread:\n- text: Short\n- text: {'Long enough. ' * 30}"
    found = planning(message, by=BIRD)
    problem = found.problem("text-too-long")
    place = found.slots[0].file.place("messages", "morning", "thread", 1, "text")
    assert problem.place == place


def test_a_content_warning_counts_where_the_platform_counts_it() -> None:
    message = f"text: {'a' * 490}\nwarning: {'b' * 20}"
    problem = planning(message).problem("text-too-long")
    assert problem.message == "the text is 10 characters too long for mastodon: 510, the limit is 500"


def test_one_fault_of_many_accounts_years_and_languages_is_said_once() -> None:
    accounts = tuple(account(name, "x") for name in ("one", "two", "three"))
    file = campaign(f"m: {{at: '08:00', text: '{'Long enough. ' * 30}'}}", editions="[2026, 2027]")
    found = [problem for problem in Planning(file, accounts=accounts).problems() if problem.code == "text-too-long"]
    assert [problem.account for problem in found] == ["one"]


def test_the_same_fault_of_two_messages_is_said_for_each() -> None:
    """Both are held back, though their fault is one and the same handle."""
    file = campaign("m: {at: '08:00', text: 'Hi {@un}'}\nn: {at: '09:00', text: 'Ho {@un}'}")
    checked = Planning(file)
    assert checked.held_back() == {("migrants-day", "m"), ("migrants-day", "n")}


def test_a_fault_holds_back_its_message_only_and_a_warning_none() -> None:
    file = campaign("m: {at: '08:00', text: '{who}'}\nn: {at: '23:00', text: Hello}")
    checked = Planning(file, quiet_hours=(time(22), time(7)))
    assert [(problem.code, problem.message_id) for problem in checked.problems()] == [
        ("unknown-word", "m"), ("quiet-hours", "n"),
    ]  # fmt: skip
    assert checked.held_back() == {("migrants-day", "m")}


def test_problems_stand_in_the_order_of_files_lines_and_columns() -> None:
    first = campaign("m: {at: '23:00', text: '{who}'}\nn: {at: '08:00', text: '{what}'}\no: {at: '23:30', text: Hi}")
    second = campaign_file(EVENING.replace("TEXT", "{who}"), "a-file-before")
    found = Planning(first, second, accounts=(BIRD,), quiet_hours=(time(22), time(7))).problems()
    places = [problem.place for problem in found]
    assert places == sorted(places)
    assert [problem.code for problem in found] == ["unknown-word", "unknown-word", "unknown-word", "quiet-hours"]


IMAGE = "images: [{file: a.png, alt: A man at a lectern}]"


@pytest.mark.parametrize(
    ("profile", "image", "code", "message"),
    [
        ({"max_images": 0}, (10, "image/png"), "too-many-images", "1 images, mastodon takes 0"),
        ({"image_types": frozenset({"image/jpeg"})}, (10, "image/png"), "image-type",
         "a.png is image/png, which mastodon does not take"),
        ({"image_bytes": 9999}, (10_000, "image/png"), "image-too-big", "a.png has 10,000 bytes, mastodon takes 9,999"),
        ({"alt_limit": 10}, (10, "image/png"), "alt-too-long",
         "the alt text of a.png is 8 characters too long for mastodon: 18, the limit is 10"),
    ],
)  # fmt: skip
def test_an_image_that_the_platform_does_not_take(
    profile: dict[str, Any], image: tuple[int, str], code: str, message: str
) -> None:
    found = planning(IMAGE, by=with_profile(**profile))
    found.images = {"a.png": image}
    (problem,) = found.problems()
    assert (problem.code, problem.message, problem.severity) == (code, message, Severity.ERROR)
    assert problem.place == found.slots[0].file.place("messages", "morning", "images")


def test_an_image_at_every_limit_is_taken() -> None:
    found = planning(IMAGE, by=with_profile(max_images=1, image_bytes=10, alt_limit=18))
    found.images = {"a.png": (10, "image/png")}
    assert not found.problems()


def test_a_card_that_is_used_is_no_problem() -> None:
    assert not planning("card: {title: Day}\nlink: https://iom.int/", by=account("sky", "bluesky")).problems()


def test_the_image_of_a_card_counts_too() -> None:
    sky = account("sky", "bluesky")
    found = planning("card: {title: Day, image: a.png}\nlink: https://a.example/", by=sky)
    found.images = {"a.png": (9_000_000, "image/png")}
    assert codes(found) == [("image-too-big", Severity.ERROR)]


@pytest.mark.parametrize(
    ("message", "platform", "expected"),
    [
        ("video: {file: a.mp4, alt: A speech}", "mastodon", ("not-yet", Severity.ERROR)),
        ("images: [{file: a.png, alt: Man, credit: IOM}]", "mastodon", ("not-yet", Severity.ERROR)),
        (
            "thread: [{text: More, images: [{file: a.png, alt: Man, credit: IOM}]}]",
            "mastodon",
            ("not-yet", Severity.ERROR),
        ),
        ("thread: [{text: More}]", "telegram", ("no-threads", Severity.ERROR)),
        ("thread: [{text: More}]", "x", ("thread-unsure", Severity.NOTE)),
        ("variants: {x: {thread: []}}\nthread: [{text: More}]", "x", None),
        ("thread: [{text: More}]", "bluesky", None),
        ("card: {title: Day}", "mastodon", ("card-unused", Severity.NOTE)),
        ("card: {title: Day}\nimages: [{file: a.png, alt: Man}]", "bluesky", ("card-unused", Severity.WARNING)),
        ("warning: Violence", "x", ("no-warnings", Severity.WARNING)),
        ("text: '{hashtags}'", "mastodon", ("empty-text", Severity.ERROR)),
    ],
)
def test_what_a_platform_or_campaigner_does_not_have_is_never_ignored_in_silence(
    message: str, platform: str, expected: tuple[str, Severity] | None
) -> None:
    found = planning(message, by=account("desk", platform))
    found.images = {"a.png": (10, "image/png")}
    assert codes(found) == ([expected] if expected else [])


def test_a_text_that_is_split_into_a_thread_may_be_refused_too() -> None:
    found = planning(f"text: {'Long enough. ' * 40}", by=account("desk", "x", long_text="thread"))
    assert codes(found) == [("thread-unsure", Severity.NOTE)]


@pytest.mark.parametrize(("platform", "expected"), [("bluesky", ["image-animated"]), ("mastodon", []), ("x", [])])
def test_an_animation_is_noted_where_it_stands_still(platform: str, expected: list[str]) -> None:
    found = planning("images: [{file: a.gif, alt: Wave}]", by=account("desk", platform))
    found.images = {"a.gif": (10, "image/gif")}

    def moving(file: str, relative_to: Path) -> ImageFacts:
        return found.find_image(file, relative_to)._replace(is_animated=True)

    assert [problem.code for problem in check(found.plan, moving, found.config)] == expected


def test_a_long_text_that_would_be_a_thread_where_there_are_none() -> None:
    small = replace(PROFILES["telegram"], limit=100)
    desk = Account(account("desk", "telegram", long_text="thread").config, small)
    found = planning(f"text: {'Long enough. ' * 20}", by=desk)
    assert codes(found) == [("no-threads", Severity.ERROR)]


@pytest.mark.parametrize(
    ("languages", "message", "missing"),
    [
        (("en", "fi"), "text: {en: Hello, fi: Hei}", None),
        (("en",), "text: {en: Hello, fi: Hei}", "fi"),
        (("en",), "text: {en: Hello}\nlanguages: [en]", None),
        (("en",), "text: {en: Hello, fi: Hei}\ndraft: true", None),
    ],
)
def test_parity_wants_every_language_of_a_message_posted(
    languages: tuple[str, ...], message: str, missing: str | None
) -> None:
    found = planning(message, "parity: required", by=account("desk", languages=languages), languages="[en, fi]")
    problems = [problem for problem in found.problems() if problem.code == "parity"]
    assert [problem.message_id for problem in problems] == (["morning"] if missing else [])
    assert all(problem.message.endswith(f" in {missing}") for problem in problems)


@pytest.mark.parametrize(
    ("hours", "at", "quiet"),
    [
        ((time(22), time(7)), "22:00", True), ((time(22), time(7)), "06:59", True), ((time(22), time(7)), "07:00", False),
        ((time(22), time(7)), "21:59", False), ((time(1), time(5)), "01:00", True), ((time(1), time(5)), "05:00", False),
        ((time(1), time(5)), "00:59", False), (None, "03:00", False),
    ],
)  # fmt: skip
def test_quiet_hours_are_a_warning(hours: tuple[time, time] | None, at: str, quiet: bool) -> None:
    found = planning(f"at: '{at}'", settings={"quiet_hours": hours})
    assert codes(found) == ([("quiet-hours", Severity.WARNING)] if quiet else [])


def test_quiet_hours_are_those_of_the_account() -> None:
    found = planning(
        "at: '12:00'", by=account("desk", timezone="Asia/Tokyo"), settings={"quiet_hours": (time(22), time(7))}
    )
    assert not found.problems()
    found = planning("at: 23:00 Asia/Tokyo", settings={"quiet_hours": (time(22), time(7))})
    assert not found.problems()


def test_a_wall_time_that_clocks_skip_is_a_note() -> None:
    found = planning("at: '03:30'", observance="29 March")
    assert codes(found) == [("clock-change", Severity.NOTE)]


def test_a_time_that_has_passed_is_no_fault() -> None:
    assert not planning("text: Hello", editions="[2020]").problems()


# The same words twice


def twice(second: str = "Hello", at: str = "09:00", accounts: tuple[Account, ...] = (), **keys: str) -> Planning:
    messages = f"m: {{at: '08:00', text: Hello}}\nn: {{at: '{at}', text: '{second}'}}"
    return Planning(campaign(messages, **keys), accounts=accounts)


@pytest.mark.parametrize("second", ["Hello", "HELLO", " Hello\u00a0 "])
def test_the_same_words_twice_on_an_account_are_a_warning(second: str) -> None:
    problem = twice(second).problem("same-text")
    assert problem.severity is Severity.WARNING
    assert problem.message == 'the same text as message "m"'
    assert problem.message_id == "n"


def test_other_words_or_other_accounts_are_no_repetition() -> None:
    assert not twice("Hello!").problems()
    assert not planning("text: Hello", by=None, settings=None).problems()
    assert not Planning(campaign("m: {at: '08:00', text: Hello}"), accounts=(account("a"), account("b"))).problems()


def test_after_thirty_days_words_may_come_again() -> None:
    assert twice(at="+30d 08:00").problem("same-text")
    assert not twice(at="+31d 08:00").problems()
    assert not planning("text: Hello", editions="[2026, 2027]").problems()


def test_the_repetition_of_another_campaign_names_it() -> None:
    first = campaign("m: {at: '08:00', text: Hello}")
    second = CampaignFile(**{**vars(first), "id": "other"})
    assert first.campaign is not None
    second = CampaignFile(**{**vars(second), "campaign": first.campaign.model_copy(update={"id": "other"})})
    problem = Planning(first, second).problem("same-text")
    assert problem.message == 'the same text as message "m" of migrants-day'


def test_a_message_that_was_copied_is_one_warning() -> None:
    text = "text: {en: Hello, fi: Moi}"
    file = campaign(f"m: {{at: '08:00', {text}}}\nn: {{at: '09:00', {text}}}", languages="[en, fi]")
    accounts = tuple(account(name, languages=("en", "fi")) for name in ("a", "b", "c"))
    problem = Planning(file, accounts=accounts).problem("same-text")
    assert (problem.message, problem.accounts) == ('the same text as message "m" in en and fi', ("a", "b", "c"))


def copied(head: str = "") -> tuple[CampaignFile, CampaignFile]:
    file = campaign("m: {at: '08:00', text: Hello}\nn: {at: '09:00', text: World}", head)
    assert file.campaign is not None
    other = file.campaign.model_copy(update={"id": "other"})
    return file, CampaignFile(**{**vars(file), "id": "other", "campaign": other})


def test_a_campaign_that_was_copied_is_one_warning() -> None:
    problem = Planning(*copied(), accounts=(account("a"), account("b"))).problem("same-text")
    assert problem.message == "2 messages have the same texts as those of migrants-day: m and n"
    assert (problem.campaign, problem.message_id) == ("other", None)
    assert not Planning(*copied("allow: {same-text: meant so}")).problems()


def test_one_text_in_two_languages_is_a_repetition() -> None:
    file = campaign("m: {at: '08:00', text: {en: Hello, fi: Hello}}", languages="[en, fi]")
    problem = Planning(file, accounts=(account("desk", languages=("en", "fi")),)).problem("same-text")
    assert problem.message == "the same text as its own in en, edition 2026"


def test_two_names_of_one_account_are_one_account() -> None:
    one = account("desk")
    other = Account(one.config.model_copy(update={"name": "office"}), one.profile)
    file = campaign(
        "m: {at: '08:00', text: Hello, accounts: [desk]}\nn: {at: '09:00', text: Hello, accounts: [office]}"
    )
    problem = Planning(file, accounts=(one, other)).problem("same-text")
    assert problem.message == 'the same text as message "m", for office is desk by another name'


def test_consoles_are_accounts_of_their_own() -> None:
    one = account("desk", "console", like="x")
    other = Account(one.config.model_copy(update={"name": "office"}), one.profile)
    assert not Planning(campaign("m: {at: '08:00', text: Hello}"), accounts=(one, other)).problems()


# Reading


def test_what_readers_stumble_over_is_said_unless_it_is_allowed() -> None:
    loud = "text: 'Join us #migrantsday'"
    problem = planning(loud).problem("camel-case")
    assert problem.severity is Severity.WARNING
    assert problem.help == "Write #MigrantsDay."
    assert problem.place.line == 10
    assert not planning(loud, "allow: {camel-case: our brand}").problems()
    assert not planning(f"{loud}\nallow: {{camel-case: our brand}}").problems()
    assert planning(f"{loud}\nallow: {{tag-colon: our brand}}").problem("camel-case")


def test_a_grave_fault_of_reading_holds_the_message_back() -> None:
    found = planning("text: '(#MigrantsDay)'")
    assert [problem.code for problem in found.problems()] == ["tag-before"]
    assert found.held_back() == {("migrants-day", "morning")}


def test_a_text_is_read_once_for_each_platform_that_minds() -> None:
    accounts = (account("a", "x"), account("b", "x"), account("c"))
    file = campaign("m: {at: '08:00', text: 'Join us … #migrantsday'}", editions="[2026, 2027]")
    found = Planning(file, accounts=accounts).problems()
    assert [(problem.code, problem.account) for problem in found] == [("camel-case", "a"), ("counts-two", "a")]


def test_follow_ups_are_read_too() -> None:
    found = planning("thread: [{text: 'Join us #migrantsday'}]")
    assert found.problem("camel-case").place == found.slots[0].file.place("messages", "morning", "thread", 0, "text")


def test_warnings_can_be_allowed_and_errors_of_platforms_cannot() -> None:
    late = planning("at: '23:00'\nallow: {quiet-hours: a vigil}", settings={"quiet_hours": (time(22), time(7))})
    assert not late.problems()
    long = planning(f"text: {'Long enough. ' * 60}\nallow: {{text-too-long: I want it}}")
    assert codes(long) == [("text-too-long", Severity.ERROR), ("unknown-code", Severity.ERROR)]


# Words of the edition


@pytest.mark.parametrize(
    "message",
    [
        "text: '{theme}'",
        "thread: [{text: '{theme}'}]",
        "warning: '{theme}'",
        "card: {title: '{theme}'}",
        "card: {title: Day, description: '{theme}'}",
        "images: [{file: a.png, alt: '{theme}'}]",
        "thread: [{text: More, images: [{file: a.png, alt: '{theme}'}]}]",
        "variants: {x: {text: {en: '{theme}'}}}",
    ],
)
def test_a_word_that_any_text_uses_is_used(message: str) -> None:
    found = planning(message, editions="{2026: {theme: Hope}}")
    found.images = {"a.png": (10, "image/png")}
    assert "unused-word" not in [problem.code for problem in found.problems()]


def test_a_word_that_no_text_uses_is_an_error_of_the_campaign() -> None:
    found = planning("text: '{{theme}} {'\n", editions="{2026: {theme: Hope}}")
    problem = found.problem("unused-word")
    assert (problem.severity, problem.message_id, problem.message) == (Severity.ERROR, None, "no text uses {theme}")
    assert problem.place.line == 3


def test_a_faulty_message_may_be_the_one_that_uses_a_word() -> None:
    file = campaign(
        "m: {at: '08:00', text: Hello}\nn: {at: noon, text: '{theme}'}", faulty=True, editions="{2026: {theme: Hope}}"
    )
    assert file.faulty == {"n"}
    assert not Planning(file).problems()


def test_drafts_are_checked_too_and_so_is_what_waits_for_its_day() -> None:
    assert planning("text: '{who}'\ndraft: true").problem("unknown-word")
    assert planning("text: '{who}'", observance="1 Ramadan", editions="[2027]").problem("unknown-word")


def test_a_file_that_cannot_be_used_has_no_problems_of_its_posts() -> None:
    good = campaign("m: {at: '08:00', text: Hello}")
    assert not Planning(CampaignFile(**{**vars(good), "campaign": None})).problems()
