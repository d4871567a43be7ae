"""A slot becomes the post that goes out, word for word."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigner.loading.campaign_file import CampaignFile
from campaigner.plan.accounts import Account
from campaigner.plan.placeholders import ComposeError, Filling
from campaigner.text.measure import measure

from .building import Planning, account, campaign, campaign_file

EN = account("desk")
EN_FI = account("desk", languages=("en", "fi"))
TOGETHER = account("desk", languages=("en", "fi"), bilingual="together")


def one(text: str, head: str = "", more: str = "", by: Account = EN, **keys: Any) -> Planning:
    """A campaign of one message in English."""
    body = "\n".join(f"      {line}" for line in text.split("\n"))
    return Planning(
        campaign(f"morning:\n  at: '08:00'\n  text:\n    en: |\n{body}\n{more}", head, **keys), accounts=(by,)
    )


def two(en: str, fi: str, head: str = "", more: str = "", by: Account = TOGETHER, **keys: Any) -> Planning:
    """A campaign of one message in English and Finnish."""
    texts = "".join(
        f"    {language}: |\n" + "\n".join(f"      {line}" for line in text.split("\n")) + "\n"
        for language, text in (("en", en), ("fi", fi))
    )
    file = campaign(f"morning:\n  at: '08:00'\n  text:\n{texts}{more}", head, languages="[en, fi]", **keys)
    return Planning(file, accounts=(by,))


def the(planning: Planning) -> str:
    (text,) = planning.texts()
    return text


def refusal(planning: Planning) -> tuple[str, str, str]:
    """Code, message and help of the fault that the only post has."""
    with pytest.raises(ComposeError) as caught:
        planning.texts()
    problem = caught.value.problem
    assert str(caught.value) == f"{problem.place}: {problem.message}"
    assert caught.value.hint == problem.help
    return problem.code, problem.message, problem.help


FOUNDING = """
campaign: International Migrants Day
observance: international-migrants-day
editions:
  2020:
    theme:
      en: Reimagining Human Mobility
      fi: Ihmisten liikkuvuus uudessa valossa
languages: [en, fi]
accounts: [x, mastodon]
hashtags:
  all: [MigrantsDay]
  fi: [SiirtolaistenPäivä]
link: https://finland.iom.int/
messages:
  good-morning:
    at: "08:00"
    text:
      en: |
        Today, {date}, is {name}. This year's theme is {theme}.
      fi: |
        Tänään {date} on {name}. Tämän vuoden teema on {theme}.
"""


def test_the_founding_message_word_for_word() -> None:
    desk = account("desk", "x", ("en", "fi"))
    english, finnish = Planning(campaign_file(FOUNDING), accounts=(desk,)).posts()
    assert english.parts[0].text == (
        "Today, 18 December, is International Migrants Day. This year's theme is Reimagining Human Mobility.\n"
        "\n#MigrantsDay"
    )
    assert finnish.parts[0].text == (
        "Tänään 18. joulukuuta on Kansainvälinen siirtolaisten päivä. "
        "Tämän vuoden teema on Ihmisten liikkuvuus uudessa valossa.\n"
        "\n#MigrantsDay #SiirtolaistenPäivä"
    )
    assert finnish.languages == ("fi",)
    assert finnish.local_at.isoformat() == "2020-12-18T08:00:00+02:00"
    assert (finnish.platform, finnish.timezone, finnish.draft) == ("x", "Europe/Helsinki", False)
    assert finnish.notes == ("not before 08:01, for the account's spacing",)


def test_a_together_post_joins_the_languages_and_ends_with_all_hashtags() -> None:
    desk = account("desk", "x", ("fi", "en"), bilingual="together")
    (post,) = Planning(campaign_file(FOUNDING), accounts=(desk,)).posts()
    assert post.key.language == "en+fi"
    assert post.languages == ("fi", "en")
    first, second, tags = post.parts[0].text.split("\n\n")
    assert first.startswith("Tänään")
    assert second.startswith("Today")
    assert tags == "#MigrantsDay #SiirtolaistenPäivä"


def test_the_same_slot_gives_the_same_post() -> None:
    made = [Planning(campaign_file(FOUNDING), accounts=(account("desk", "x", ("en", "fi")),)).posts() for _ in range(2)]
    assert made[0] == made[1]
    assert [post.digest for post in made[0]] == [post.digest for post in made[1]]
    assert len({post.digest for post in made[0]}) == 2


# Words in braces


@pytest.mark.parametrize(
    ("text", "head", "expected"),
    [
        ("{date} {today} {year}", "", "18 December 17 December 2026"),
        ("{name}", "", "Migrants Day"),
        ("{{name}} {{}}", "", "{name} {}"),
        ("{link}", "link: https://a.example/?utm={platform}-{language}-{message}-{account}",
         "https://a.example/?utm=mastodon-en-morning-desk"),
        ("{@iom}", "handles: {iom: {name: IOM, x: '@UNmigration'}}", "IOM"),
        ("{@iom}", "handles: {iom: {name: IOM, mastodon: '@iom@un.example'}}", "@iom@un.example"),
        ("  Hello   \n\n  {year}  ", "", "Hello\n\n  2026"),
        ("a\u2028b\u0085c", "", "a\u2028b\u0085c"),
    ],
)  # fmt: skip
def test_words_in_braces(text: str, head: str, expected: str) -> None:
    file = campaign("morning:\n  at: -1d 08:00\n  text: Hello", head)
    assert file.campaign is not None
    message = file.campaign.messages[0].model_copy(update={"text": {"en": text}})
    changed = CampaignFile(**{**vars(file), "campaign": file.campaign.model_copy(update={"messages": (message,)})})
    assert the(Planning(changed)) == expected


def test_the_name_is_the_days_in_that_language_else_the_title() -> None:
    editions, observance = "[2026]", "international-migrants-day"
    known = one("{name}", observance=observance, editions=editions)
    assert the(known) == "International Migrants Day"
    file = campaign("m: {at: '08:00', text: {smn: '{name}'}}", observance=observance, languages="[smn]",
                    campaign="{smn: Nimi}")  # fmt: skip
    assert the(Planning(file, accounts=(account("desk", languages=("smn",)),))) == "Nimi"


@given(st.text(st.sampled_from("{}@ abcname_link\n"), min_size=1).map(lambda text: f"x{text}x"))
def test_a_value_is_never_expanded_again(value: str) -> None:
    planning = one("{theme}", editions="{2026: {theme: placeholder}}")
    (slot,) = planning.slots
    edition = slot.edition.model_copy(update={"words": {"theme": {"en": value}}})
    wanted = "\n".join(line.rstrip(" \t") for line in value.strip().split("\n"))
    changed = slot._replace(frame=slot.frame._replace(edition_day=slot.frame.edition_day._replace(edition=edition)))
    assert Filling(changed).text("{theme}", "en", ("text",)) == wanted.strip()


@pytest.mark.parametrize(
    ("text", "keys", "expected"),
    [
        ("{tehme}", {"editions": "{2026: {theme: Hope}}"},
         ("unknown-word", "{tehme} means nothing here", "Did you mean {theme}? There are also {name}, {date}, {today}, {year}, {link}, {hashtags}.")),
        ("{zzz}", {}, ("unknown-word", "{zzz} means nothing here", ("There are {name}, {date}, {today}, {year}, {link}, {hashtags}. "
         "{{ and }} are braces; words of the year stand under editions."))),
        ("{nimi}", {}, ("unknown-word", "{nimi} means nothing here",
                        "Did you mean {name}? There are also {date}, {today}, {year}, {link}, {hashtags}.")),
        ("{datum}", {}, ("unknown-word", "{datum} means nothing here", "Did you mean {date}? There are also {name}, {today}, {year}, {link}, {hashtags}.")),
        ("{hastags}", {}, ("unknown-word", "{hastags} means nothing here", "Did you mean {hashtags}? There are also {name}, {date}, {today}, {year}, {link}.")),
        ("{theme}", {"editions": "{2020: {theme: Hope}, 2026: {}}"},
         ("unknown-word", "{theme} has no value in the edition 2026", "It has one in 2020: write one under editions: 2026.")),
        ("{theme}", {"editions": "{2026: {theme: {fi: Toivo}}}"},
         ("missing-language", "{theme} has no value in en in the edition 2026", "Write it under editions: 2026: theme: en.")),
        ("{link}", {}, ("no-link", "{link} is written, but there is no link in en",
                        "Write `link` in the message, the edition or the campaign.")),
        ("{@imo}", {"head": "handles: {iom: {name: IOM}}"}, ("unknown-handle", "there is no handle {@imo}", "Did you mean {@iom}?")),
        ("{@zz}", {}, ("unknown-handle", "there is no handle {@zz}", 'Write under handles:, here or in the config, zz: {name: …, x: "@…"}')),
        ("a { b", {}, ("brace", 'this "{" is never closed: write {word}, or {{ for a brace', "{{ and }} are braces.")),
    ],
)  # fmt: skip
def test_a_word_that_cannot_be_filled_is_refused_with_the_cure(
    text: str, keys: dict[str, str], expected: tuple[str, str, str]
) -> None:
    planning = one(text, **keys)
    year = [slot for slot in planning.slots if slot.key.edition == "2026"]
    with pytest.raises(ComposeError) as caught:
        planning.post(year[0])
    problem = caught.value.problem
    assert (problem.code, problem.message, problem.help) == expected
    assert (problem.campaign, problem.message_id, problem.language) == ("migrants-day", "morning", "en")
    path = ("messages", "morning", "text", "en")
    assert problem.place == planning.slots[0].file.places.of_words(path, text[text.index("{") :])


def test_the_nearest_link_counts() -> None:
    head, editions = "link: https://campaign.example/", "{2026: {link: 'https://edition.example/'}}"
    assert the(one("{link}", head)) == "https://campaign.example/"
    assert the(one("{link}", head, editions=editions)) == "https://edition.example/"
    assert the(one("{link}", head, "  link: https://message.example/", editions=editions)) == "https://message.example/"


def test_a_link_in_another_language_only_falls_back_to_the_next() -> None:
    found = two("{link}", "{link}", "link: https://campaign.example/", "  link: {fi: 'https://message.example/'}")
    assert the(found) == "https://campaign.example/\n\nhttps://message.example/"


@pytest.mark.parametrize(
    ("keys", "line"), [({"head": "link: https://a.example/{who}"}, 6), ({"editions": "{2026: {link: 'https://a.example/{who}'}}"}, 3),
                       ({"editions": "{every year: {link: 'https://a.example/{who}'}}"}, 3)],
)  # fmt: skip
def test_a_fault_of_a_link_outside_the_messages_holds_the_campaign_back(keys: dict[str, str], line: int) -> None:
    planning = one("{link}", **keys)
    with pytest.raises(ComposeError) as caught:
        planning.texts()
    problem = caught.value.problem
    assert (problem.code, problem.message_id, problem.place.line) == ("unknown-word", None, line)


def test_a_fault_of_a_messages_link_is_the_messages() -> None:
    planning = one("{link}", more="  link: https://a.example/{who}")
    assert refusal(planning)[0] == "unknown-word"
    with pytest.raises(ComposeError) as caught:
        planning.texts()
    assert caught.value.problem.message_id == "morning"


# Hashtags


@pytest.mark.parametrize(
    ("text", "hashtags", "expected"),
    [
        ("Hello", "{all: [A, B], en: [C]}", "Hello\n\n#A #B #C"),
        ("Hello", "[A]", "Hello\n\n#A"),
        ("Hello", "[]", "Hello"),
        ("Hello #a!", "[A, B]", "Hello #a!\n\n#B"),
        ("Hello #Ab", "[A]", "Hello #Ab\n\n#A"),
        ("{hashtags} Hello", "[A, B]", "#A #B Hello"),
        ("Hello #A {hashtags}", "[A, B]", "Hello #A #A #B"),
        ("Hello", "{all: [A, b], en: [B, a, C]}", "Hello\n\n#A #b #C"),
        ("Hello #P\u00e4iv\u00e4", "[PA\u0308IVA\u0308]", "Hello #P\u00e4iv\u00e4"),
        ("Hello {hashtags}.", "[]", "Hello."),
        ("{hashtags}\nHello", "[]", "Hello"),
        ("Hello\n\n{hashtags}\n\nBye", "[]", "Hello\n\nBye"),
        ("Hello\n{hashtags}\nBye", "[]", "Hello\nBye"),
        ("Hello {hashtags} you", "[]", "Hello you"),
        ("Hello-{hashtags} you", "[]", "Hello- you"),
        ("{hashtags} you", "[]", "you"),
        ("{{hashtags}} {hashtags} you {hashtags}", "[]", "{hashtags} you"),
    ],
)
def test_hashtags_stand_where_they_are_written_else_at_the_end(text: str, hashtags: str, expected: str) -> None:
    assert the(one(text, f"hashtags: {hashtags}")) == expected


def test_the_nearest_list_of_hashtags_replaces_the_others() -> None:
    head, editions = "hashtags: [Campaign]", "{2026: {hashtags: [Edition]}}"
    assert the(one("Hello", head, editions=editions)) == "Hello\n\n#Edition"
    assert the(one("Hello", head, "  hashtags: [Message]", editions=editions)) == "Hello\n\n#Message"
    assert the(one("Hello", head, "  hashtags: []", editions=editions)) == "Hello"


def test_in_a_together_post_written_hashtags_vanish_and_all_end_it() -> None:
    found = two("{hashtags}\n\nHello", "Moi {hashtags}!", "hashtags: {all: [A], en: [B], fi: [C]}")
    assert the(found) == "Hello\n\nMoi!\n\n#A #B #C"


THREAD = """  thread:
    - text:
        en: |
          More {hashtags}
    - text:
        en: |
          Most
"""


def test_in_a_thread_hashtags_stand_on_the_first_part() -> None:
    thread = THREAD.replace(" {hashtags}", "")
    assert one("Hello", "hashtags: [A]", thread).texts() == ["Hello\n\n#A", "More", "Most"]


def test_in_a_thread_hashtags_that_are_written_later_stand_there_only() -> None:
    assert one("Hello", "hashtags: [A]", THREAD).texts() == ["Hello", "More #A", "Most"]


def test_a_thread_of_a_together_post_has_its_hashtags_on_the_first_part() -> None:
    thread = "  thread:\n    - text: {en: 'More {hashtags}', fi: Lisää}\n"
    assert two("Hello", "Moi", "hashtags: [A]", thread).texts() == ["Hello\n\nMoi\n\n#A", "More\n\nLisää"]


# Long texts


def test_a_long_text_becomes_a_thread_where_the_account_says_so() -> None:
    text = " ".join(f"Sentence number {number} is here." for number in range(30))
    threaded = account("desk", "x", long_text="thread")
    found = one(text, by=threaded)
    parts = found.texts()
    assert len(parts) > 2
    assert parts[0].endswith(f" 1/{len(parts)}")
    assert all(measure(part, threaded.profile).fits for part in parts)
    assert one(text, by=account("desk", "x")).texts() == [text]


def test_a_split_leaves_room_for_the_content_warning() -> None:
    text = " ".join(f"Sentence number {number} is here." for number in range(40))
    threaded = account("desk", "mastodon", long_text="thread")
    (post,) = one(text, more=f"  warning: {'Violence ' * 10}", by=threaded).posts()
    assert post.warning
    assert len(post.parts) > 1
    assert all(measure(part.text, threaded.profile, post.warning).fits for part in post.parts)


# Warnings, images and cards


def test_a_content_warning_in_each_language_of_the_post() -> None:
    more = "  warning: {en: 'Violence {year}', fi: Väkivaltaa}"
    assert [post.warning for post in two("Hello", "Moi", more=more).posts()] == ["Violence 2026\n\nVäkivaltaa"]
    assert [post.warning for post in two("Hello", "Moi", more=more, by=EN_FI).posts()] == [
        "Violence 2026",
        "Väkivaltaa",
    ]
    assert [post.warning for post in two("Hello", "Moi", more="  warning: CW").posts()] == ["CW"]


def test_a_platform_without_content_warnings_gets_none_and_the_preview_says_so() -> None:
    (post,) = one("Hello", more="  warning: Violence", by=account("desk", "x")).posts()
    assert post.warning is None
    assert post.notes == ('x has no content warnings: "Violence" is not shown',)


IMAGES = """  images:
    - file: images/{file}.png
      alt: {alt}
"""


def with_image(planning: Planning, *files: str) -> Planning:
    planning.images = {f"images/{file}.png": (1000, "image/png") for file in files}
    return planning


def images(file: str, alt: str) -> str:
    return IMAGES.replace("{file}", file).replace("{alt}", alt)


def test_an_image_with_its_alt_text() -> None:
    found = with_image(one("Hello", more=images("speech", "A man at a lectern in {year}")), "speech")
    (image,) = found.posts()[0].parts[0].images
    assert (image.file, image.alt) == ("images/speech.png", "A man at a lectern in 2026")
    assert (image.digest, image.media_type, image.size, image.width, image.height) == (
        "digest of images/speech.png", "image/png", 1000, 12, 9,
    )  # fmt: skip
    assert image.path.as_posix() == "/somewhere/campaigns/images/speech.png"


def test_an_images_file_says_language_and_platform() -> None:
    found = two("Hello", "Moi", more=images("speech-{language}-{platform}", "{en: Man, fi: Mies}"), by=EN_FI)
    posts = with_image(found, "speech-en-mastodon", "speech-fi-mastodon").posts()
    assert [(image.file, image.alt) for post in posts for image in post.parts[0].images] == [
        ("images/speech-en-mastodon.png", "Man"), ("images/speech-fi-mastodon.png", "Mies"),
    ]  # fmt: skip


def test_a_together_post_has_an_image_for_each_language_or_one_with_all_alt_texts() -> None:
    each = with_image(two("Hello", "Moi", more=images("{language}", "{en: Man, fi: Mies}")), "en", "fi")
    assert [(image.file, image.alt) for image in each.posts()[0].parts[0].images] == [
        ("images/en.png", "Man"), ("images/fi.png", "Mies"),
    ]  # fmt: skip
    shared = with_image(two("Hello", "Moi", more=images("speech", "{en: Man, fi: Mies}")), "speech")
    assert [image.alt for image in shared.posts()[0].parts[0].images] == ["Man\n\nMies"]
    decoration = with_image(two("Hello", "Moi", more=images("line", '""')), "line")
    assert [image.alt for image in decoration.posts()[0].parts[0].images] == [""]


def test_the_images_of_a_follow_up_stay_with_it() -> None:
    thread = "  thread:\n    - text: {en: More}\n      images: [{file: images/a.png, alt: {en: Man}}]\n"
    (post,) = with_image(one("Hello", more=thread), "a").posts()
    assert [[image.file for image in part.images] for part in post.parts] == [[], ["images/a.png"]]


def test_an_image_that_is_not_there_is_said_at_its_place() -> None:
    planning = one("Hello", more=images("speech", "Man"))
    assert refusal(planning) == ("media-missing", "the image images/speech.png cannot be read", "Check the name.")
    with pytest.raises(ComposeError) as caught:
        planning.texts()
    place = planning.slots[0].file.place("messages", "morning", "images", 0, "file")
    assert caught.value.problem.place == place
    assert place.line > 8


def test_an_embargo_holds_until_its_day() -> None:
    more = images("speech", "Man") + "      not_before: 2026-12-18\n"
    assert with_image(one("Hello", more=more), "speech").posts()
    later = more.replace("12-18", "12-19")
    assert refusal(with_image(one("Hello", more=later), "speech")) == (
        "embargo",
        "images/speech.png may not be shown before 2026-12-19, and this is posted on 2026-12-18",
        "Move the message, or take another image.",
    )


CARD = "  card: {title: {en: 'Day {year}', fi: Päivä}, description: {en: About, fi: Siitä}, image: images/card.png}\n"


def test_a_card_where_the_platform_wants_it_written() -> None:
    sky = account("desk", "bluesky", ("en", "fi"), bilingual="together")
    found = two("Hello", "Moi", "link: https://a.example/{platform}", CARD, by=sky)
    card = with_image(found, "card").posts()[0].parts[0].card
    assert card is not None
    assert (card.url, card.title, card.description) == (
        "https://a.example/bluesky",
        "Day 2026\n\nPäivä",
        "About\n\nSiitä",
    )
    assert card.image is not None
    assert card.image.file == "images/card.png"


def test_a_card_without_description_and_image() -> None:
    sky = account("desk", "bluesky")
    (post,) = one("Hello", "link: https://a.example/", "  card: {title: {en: Day}}\n", by=sky).posts()
    card = post.parts[0].card
    assert card is not None
    assert (card.title, card.description, card.image) == ("Day", "", None)


def test_no_card_where_the_platform_makes_its_own_or_images_take_its_place() -> None:
    assert two("Hello", "Moi", more=CARD).posts()[0].parts[0].card is None
    sky = account("desk", "bluesky")
    found = one("Hello", more="  card: {title: {en: Day}}\n" + images("speech", "Man"), by=sky)
    assert with_image(found, "speech").posts()[0].parts[0].card is None


def test_a_card_without_a_link_has_nowhere_to_lead() -> None:
    sky = account("desk", "bluesky")
    assert refusal(one("Hello", more="  card: {title: {en: Day}}\n", by=sky))[0] == "no-link"


def test_a_text_that_is_missing_in_a_language_is_said() -> None:
    file = campaign("m: {at: '08:00', text: {en: Hello, fi: Moi}}", languages="[en, fi]")
    assert file.campaign is not None
    message = file.campaign.messages[0].model_copy(update={"text": {"en": "Hello"}})
    changed = CampaignFile(**{**vars(file), "campaign": file.campaign.model_copy(update={"messages": (message,)})})
    assert refusal(Planning(changed, accounts=(account("desk", languages=("fi",)),)))[:2] == (
        "missing-language", "there is no text in fi",
    )  # fmt: skip


def test_the_time_of_day_does_not_change_what_was_approved_but_every_word_does() -> None:
    def digest(at: str, text: str) -> str:
        return Planning(campaign(f"m: {{at: '{at}', text: {text}}}")).posts()[0].digest

    assert digest("08:00", "Hello") == digest("09:00", "Hello")
    assert digest("08:00", "Hello") != digest("08:00", "Hello!")
    assert digest("08:00", "Hello") != digest("+1d 08:00", "Hello")


def test_spacing_is_no_part_of_the_text() -> None:
    desks = [account("desk", languages=("en", "fi"), spacing=timedelta(minutes=minutes)) for minutes in (0, 9)]
    texts = [two("Hello", "Moi", by=desk).texts() for desk in desks]
    assert texts[0] == texts[1] == ["Hello", "Moi"]
