from __future__ import annotations

from functools import partial
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigner.errors import Severity
from campaigner.platforms.table import default_profiles
from campaigner.text.graphemes import graphemes
from campaigner.text.hashtags import Vocabulary
from campaigner.text.lint import lint, lint_on
from campaigner.text.measure import Finding, entities

from .strategies import patient, texts

PROFILES = default_profiles()


def _codes(text: str, tags: tuple[str, ...] = (), language: str = "fi", platform: str = "") -> list[str]:
    found = lint_on(PROFILES[platform], text) if platform else lint(text, tags, language)
    return [finding.code for finding in found]


def _only(findings: tuple[Finding, ...]) -> Finding:
    (finding,) = findings
    return finding


CLEAN = (
    "Tänään on kansainvälinen siirtolaisten päivä. Tule mukaan! 🎉 https://yle.fi/a #SiirtolaistenPäivä #YK #18December",
    "C# ja F# ja AT&T &c.; <https://yle.fi> 3 < 5 <3",
    'a ** b ** c, 2*3**2, snake__case__x, [sic] [the] […] “Näin” ja “noin” #Päivä(t) #Päivä"',
    "“Näin”, sanoi “hän”",
    "HYVÄÄ… ja “JÄÄ” ja É’ «ÉTÉ» é NÃO Ä…",
    "Hyvää #Päivä, #Yö. #Aamu! #Ilta? #Juhla…",
    "https://example.org/?q=p%C3%A4iv%C3%A4#osio Siirtolaisuus https://fi.wikipedia.org/wiki/Siirtolaisuus_(ilmiö)",
    "10\u00a0000 ihmistä",
    "👩🏽‍🚀 👨‍👩‍👧‍👦",
    "#移民",
    "Katso 'https://yle.fi/a', [https://yle.fi/a] ja \"https://yle.fi/a\"! <https://yle.fi/a> Lue:https://yle.fi/a",
    "日本https://yle.fi を見る 👉https://yle.fi/a ។https://yle.fi/a",
)


@pytest.mark.parametrize("text", CLEAN)
def test_a_good_text_has_no_fault(text: str) -> None:
    assert lint(text, ("SiirtolaistenPäivä",), "fi") == ()


@pytest.mark.parametrize(
    ("text", "code", "start"),
    [
        ("(#Päivä)", "tag-before", 1),
        ("“#Päivä”", "tag-before", 1),
        ("Juhla 🎉#Päivä", "tag-before", 7),
        ("sana#Päivä", "tag-before", 4),
        ("##Päivä", "tag-before", 1),
        ("/#Päivä", "tag-before", 1),
        ("Lue #YK-päivä tänään", "tag-broken", 4),
        ("#L'Avenir", "tag-broken", 0),
        ("#L’Avenir", "tag-broken", 0),
        ("#D&I", "tag-broken", 0),
        ("#node.js", "tag-broken", 0),
        ("#Love❤️Wins", "tag-broken", 0),
        ("#Päivä🎉ja", "tag-broken", 0),
        ("#Päivä,Rauha", "tag-broken", 0),
        ("#2025", "tag-digits", 0),
        ("#2025_", "tag-digits", 0),
        ("#siirtolaistenpäivä", "camel-case", 0),
        ("https://yle.fi/sivu”", "url-tail", 19),
        ("https://yle.fi/sivu…", "url-tail", 19),
        ("https://yle.fi/移民", "url-tail", 15),
        ("https://yle.fi/?q=päivä", "url-query", 19),
        ("Euroopan ja asia.Se on", "accidental-url", 12),
        ("Kyllä.No", "accidental-url", 0),
        ("kello 12.is", "accidental-url", 6),
        ("e.g.so", "accidental-url", 0),
        ("🎉 a 🎉 b 🎉 c 🎉", "emoji-many", 12),
        ("Hei 🎉🎉🎉", "emoji-row", 4),
        ("🎉 yksi\n✅ kaksi", "emoji-bullets", 0),
        ("Katso (“https://yle.fi/a”)", "url-tail", 24),
        ("Tule 𝗺𝘂𝗸𝗮𝗮𝗻 𝗻𝘆𝘁 jo", "styled-letters", 5),
        ("Tä pÃ¤ivÃ¤", "garbled", 4),
        ("moi â€œjuhlaâ€\u009d", "garbled", 4),
        ("moi ÐŸÑ€Ð¸", "garbled", 4),
        ("moi ðŸŽ‰", "garbled", 4),
        ("moi ì•ˆë…•", "garbled", 4),
        ("Â© me", "garbled", 0),
        ("p\ufffdiv", "garbled", 1),
        ("p\ufffc", "garbled", 1),
        ("p\uf8ff", "garbled", 1),
        ("p&auml;iv", "markup", 1),
        ("AT&#38;T", "markup", 2),
        ("AT&#x26;T", "markup", 2),
        ("a<br/>b", "markup", 1),
        ("Tämä on **tärkeää**", "markup", 8),
        ("Tämä on __tärkeää__", "markup", 8),
        ("Lue [tästä](https://yle.fi/a) lisää", "markup", 4),
        ("# Otsikko", "markup", 0),
        ("TODO: kirjoita", "unfinished", 0),
        ("Klo XXX alkaa", "unfinished", 4),
        ("Lorem ipsum dolor", "unfinished", 0),
        ("Lue [linkki] nyt", "unfinished", 4),
        ("Lue [Insert link here] nyt", "unfinished", 4),
        ("“Koko teksti.”", "quotes-around", 0),
        ('"Koko teksti."', "quotes-around", 0),
        ("«Весь текст»", "quotes-around", 0),
        ("<a href='x'>", "markup", 0),
        ("sana\u200bsana", "invisible", 4),
        ("sana\u00adsana", "invisible", 4),
        ("sana\u200csana", "invisible", 4),
        ("sana\u200dsana", "invisible", 4),
        ("sana \u00a0sana", "invisible", 5),
        ("sana\u00a0", "invisible", 4),
        ("sana\u200f", "invisible", 4),
    ],
)
def test_finds_a_fault_where_it_stands(text: str, code: str, start: int) -> None:
    finding = _only(lint(text, (), "fi"))
    assert (finding.code, finding.start) == (code, start)


@pytest.mark.parametrize(
    ("text", "message", "severity", "help_"),
    [
        (
            "(#Päivä)",
            '"(" stands right before #Päivä: mastodon and bluesky make no link',
            "error",
            "Put a space before the #.",
        ),
        ("#YK-päivä", "only #YK of #YK-päivä becomes a link on some platforms", "error", "Write #YKPäivä."),
        ("#ཞི་བདེ།", "only #ཞི of #ཞི་བདེ becomes a link on mastodon", "error", "Write #ཞིབདེ."),
        ("#צה״ל", "only #צה of #צה״ל becomes a link on mastodon", "error", "Write #צהל."),
        ("#ශ්‍රීලංකා", "only #ශ් of #ශ්‍රීලංකා becomes a link on mastodon", "error", "Write #ශ්රීලංකා."),
        ("#सं-युक्त।", "only #सं of #सं-युक्त becomes a link on some platforms", "error", "Write #संयुक्त."),
        ("#2025", "#2025 has no letter: no platform makes a link of it", "error", "Add a letter."),
        ("#Päivä:n juhla", "only #Päivä of #Päivä:n becomes a link, as it should", "note", "Nothing to do."),
        ("#Päivä’s juhla", "only #Päivä of #Päivä’s becomes a link, as it should", "note", "Nothing to do."),
        ("12.is", 'x makes a link of "12.is" and counts 23', "warning", "Put a space after the full stop."),
        (
            "a\u200bb",
            "an invisible character (U+200B) stands here",
            "warning",
            "It was perhaps pasted: delete it.",
        ),
    ],
)
def test_says_what_is_wrong_and_what_to_do(text: str, message: str, severity: str, help_: str) -> None:
    finding = _only(lint(text, (), "fi"))
    assert (finding.message, finding.severity, finding.help) == (message, Severity(severity), help_)


TAGS = [
    "Rauha",
    "Päivä",
    "EU27",
    "日本",
    "和平",
    "平和",
    "평화",
    "शांति",
    "শান্তি",
    "அமைதி",
    "శాంతి",
    "ශාන්තිය",
    "สันติภาพ",
    "ສັນຕິພາບ",
    "សន្តិភាព",
    "ငြိမ်းချမ်းရေး",
    "བོད",
    "ሰላም",
    "სამშვიდობო",
    "Խաղաղություն",
    "שלום",
    "שָׁלוֹם",
    "سلام",
    "صلح",
    "نرم\u200cافزار",
    "мир",
    "ειρήνη",
    "ᏙᎯ",
    "ᠡᠩᠬᠡ",
]
AFTER_TAGS = ".,!?:;)]}\"'/—–-…*”’»،؛؟۔।॥。，、！？」』：·።፣፤።፧៖។៕༔།་༎։՝՞׃׀״؞၊။๏ฯ‽⁇🎉👉🏽👨‍👩‍👧🇫🇮❤️\u200b\u200f\u2060"


@pytest.mark.parametrize("tag", TAGS)
def test_a_hashtag_that_every_platform_links_whole_is_not_broken_whatever_follows(tag: str) -> None:
    for mark in graphemes(AFTER_TAGS):
        for text in (f"#{tag}{mark}", f"Tule #{tag}{mark} ja", f"#{tag}{mark}{mark}"):
            assert "tag-broken" not in _codes(text, language="he"), text


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("sign", ["-", "'", "’", "&", "+", ".", "\u200b", "\u00ad", "🎉", "❤️", "\u200f", "–", "=", "|"])
def test_a_hashtag_that_goes_on_after_a_sign_is_broken_and_the_one_suggested_is_linked_whole(
    tag: str, sign: str
) -> None:
    finding = next(one for one in lint(f"Tule #{tag}{sign}{tag} ja", (), "he") if one.code == "tag-broken")
    assert finding.start == 5
    suggested = next(word.rstrip(".") for word in finding.help.split() if word.startswith("#"))
    assert suggested.casefold() == f"#{tag}{tag}".replace("\u200c", "").casefold() or "\u200c" in tag
    for platform in ("x", "mastodon", "bluesky"):
        assert [one.text for one in entities(suggested, platform)] == [suggested]


@pytest.mark.parametrize("tag", [tag for tag in TAGS if not tag.isascii()])
def test_what_follows_without_a_space_in_scripts_that_need_none_is_no_part_of_a_hashtag(tag: str) -> None:
    for mark in "،؛؟।॥。，、！？」』：።፣፤༔།༎။၊។":
        assert "tag-broken" not in _codes(f"#{tag}{mark}{tag}", language="he")


MARKS = "”’»…—·،؛؟।॥。，、！：።፣፤។៖།༔་։՝׀״؞၊။๏ฯ🎉👉🏽👨‍👩‍👧🇫🇮\u200b\u200f\u2060"


@pytest.mark.parametrize("mark", [*graphemes(MARKS), "移", "ا", "ש", "ไ", "ခ", "བ", "ሰ", "த", "অ"])
def test_what_some_platforms_take_into_a_link_is_told_where_it_stands(mark: str) -> None:
    for after in ("", " ja", "ja"):
        found = [one for one in lint(f"Lue https://yle.fi/a{mark}{after}", (), "he") if one.code == "url-tail"]
        assert (_only(tuple(found)).start, _only(tuple(found)).severity) == (20, Severity.ERROR)


@pytest.mark.parametrize("mark", [*graphemes(MARKS), *",.!?:;)]}\"'*~|"])
def test_what_no_platform_takes_into_a_link_is_not(mark: str) -> None:
    assert not {"url-tail", "url-unlinked"} & set(_codes(f"Lue https://yle.fi{mark} ja"))


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        (
            "https://yle.fi/a’s",
            "url-tail",
            '"’" stands right after a link and becomes part of it on mastodon and bluesky',
        ),
        (
            "https://yle.fi/a\u200b",
            "url-tail",
            '"<U+200B>" stands right after a link and becomes part of it on mastodon and bluesky',
        ),
        ("https://yle.fi/移民", "url-tail", 'x ends this link before "移"'),
        ("https://yle.fi/?q=päivä", "url-query", 'x ends this link before "ä"'),
        ("yle.fi/a’s", "url-tail", '"’" stands right after a link and becomes part of it on bluesky'),
        ("https://iom.int/day's", "url-tail", '"\'s" stands right after a link and becomes part of it'),
        ("https://iom.int/day:n", "url-tail", '":n" stands right after a link and becomes part of it'),
        ("sanahttps://iom.int/a", "url-unlinked", '"https://iom.int/a" is no link on x, mastodon, bluesky'),
        ("https://iom.imt/a”", "url-unlinked", '"https://iom.imt/a”" is no link on x, mastodon'),
        ("https:// iom.int", "url-unlinked", '"https://" is no link on x, mastodon, bluesky'),
        ("htps://iom.int", "url-unlinked", '"htps://" is no link'),
        ("http:/iom.int", "url-unlinked", '"http:/" is no link'),
        ("https//iom.int", "url-unlinked", '"https//" is no link'),
        ("hxxps://iom.int", "url-unlinked", '"hxxps://" is no link'),
        ("ftp://iom.int", "url-unlinked", '"ftp://" is no link'),
    ],
)
def test_says_what_becomes_of_a_link(text: str, code: str, message: str) -> None:
    found = [one for one in lint(text, (), "fi") if one.code != "invisible"]
    assert (_only(tuple(found)).code, _only(tuple(found)).message) == (code, message)


odd = st.text(
    "aÄ1_日和शांि்தமிழ்ภาព្ខែང་།ཞིשָ״־סלامሰ։Խ\u200c\u200d\u200b\u200f\ufe0f\u20e3🎉👩🇫🇮🏽.,:;!?-–—'’”\"()[]/&+*~|=%@$…،؟。、।·・ \n",
    min_size=1,
    max_size=9,
).map(partial(normalize, "NFC"))


@settings(deadline=None, max_examples=400)
@given(odd)
def test_platforms_end_a_link_at_one_place_where_nothing_is_found(rest: str) -> None:
    text = f"Lue https://iom.int/{rest}"
    ends = {
        platform: [one.end for one in entities(text, platform) if one.type == "url" and one.start == 4]
        for platform in ("x", "mastodon", "bluesky")
    }
    is_told = bool({"url-tail", "url-query"} & set(_codes(text)))
    assert is_told or len(set(map(tuple, ends.values()))) == 1


@settings(deadline=None, max_examples=400)
@given(odd)
def test_platforms_link_one_word_where_no_hashtag_is_broken_and_all_of_what_is_suggested(rest: str) -> None:
    text = f"Tule #A{rest}"
    broken = [one for one in lint(text, (), "he") if one.code == "tag-broken" and one.start == 5]
    if broken:
        suggested = next(word.rstrip(".") for word in broken[0].help.split() if word.startswith("#"))
        for platform in ("x", "mastodon", "bluesky"):
            assert [one.text for one in entities(suggested, platform)] == [suggested]
    elif not rest.startswith("://"):
        words = {_word_linked(text, platform) for platform in ("x", "mastodon", "bluesky")}
        assert len(words) == 1


def _word_linked(text: str, platform: str) -> str:
    """What the platform links of the hashtag, to its last letter."""
    linked = next((one.text for one in entities(text, platform) if one.type == "hashtag" and one.start == 5), "")
    while linked and not (linked[-1].isalnum() or linked[-1] == "_"):
        linked = linked[:-1]
    return linked


def test_todo_is_a_word_in_spanish() -> None:
    assert _codes("Es TODO lo que pedimos", language="es-MX") == _codes("É TODO", language="pt") == []
    assert _codes("Es TODO lo que pedimos", language="en") == ["unfinished"]


def test_an_inflected_hashtag_is_another_one_in_languages_that_inflect() -> None:
    tags = ("Rauha", "SiirtolaistenPäivä")
    finding = _only(lint("Hyvää #SiirtolaistenPäivänä kaikille", tags, "fi-FI"))
    assert (finding.code, finding.start) == ("tag-inflected", 6)
    assert finding.help == "Write #SiirtolaistenPäivä:nä, or move #SiirtolaistenPäivä to the end."
    assert _codes("#SiirtolaistenPäivä #RauhaNyt #Rauhanturvaajat", tags) == []
    assert _codes("#PeaceKeeping #Peaceful", ("Peace",), "en") == []


def test_the_campaigns_own_words_tell_the_words_of_a_hashtag() -> None:
    own = ("Tänään on siirtolaisten päivä.", "The UN human rights day")
    for tag, better in (("siirtolaistenpäivä", "#SiirtolaistenPäivä"), ("unhumanrights", "#UNHumanRights")):
        finding = _only(lint(f"#{tag}", (), "fi", Vocabulary(own)))
        assert (finding.code, finding.help) == ("camel-case", f"Write {better}.")
    assert lint("#Rightsday #päivä #humanrightsx #unhuman #Päivä", (), "en", Vocabulary(["päivä"])) == ()


def test_a_hashtag_that_the_text_does_not_hold_is_looked_at_too() -> None:
    assert _only(lint("Hei", ("YK-päivä",), "fi")).start is None
    assert _codes("Hei #YK-päivä", ("YK-päivä",)) == ["tag-broken"]
    assert _codes("Hei", ("Rauha", "’")) == []


def test_what_only_one_platform_minds() -> None:
    tags = "#aa #bb #cc #dd #ee #ff"
    assert _codes(tags) == []
    assert _codes(tags, platform="instagram") == ["tags-many"]
    assert _codes("#aa #bb", platform="threads") == ["tags-many"]
    assert _codes("#aa", platform="threads") == []
    assert _codes("#aa", platform="instagram") == []
    assert _codes("#प्रवासी") == []
    assert _codes("#प्रवासी #aa", platform="telegram") == ["tag-script"]
    assert _codes("Vain 5 €…") == []
    assert _codes("Vain 5 €…", platform="x") == ["counts-two"]
    assert _codes("Vain 5", platform="x") == []


HANDLES = {"x": "@iom", "mastodon": "@iom.fi@social.example", "bluesky": "@iom.bsky.social"}


@pytest.mark.parametrize("platform", HANDLES)
@pytest.mark.parametrize("of", HANDLES)
def test_a_handle_of_another_platform_is_none_here(platform: str, of: str) -> None:
    for text in (f"Kiitos {HANDLES[of]}, ja hyvää päivää", f"({HANDLES[of]})", f"移{HANDLES[of]}。"):
        assert _codes(text, platform=platform) == ([] if of == platform else ["handle-form"]), text
    assert _codes("info@iom.int https://social.example/@iom @", platform=platform) == []


def test_a_stranger_who_would_be_mentioned_is_named() -> None:
    finding = _only(lint_on(PROFILES["x"], "Kiitos @iom.bsky.social"))
    assert finding.message.endswith(": it mentions @iom, whoever that is")
    assert not _only(lint_on(PROFILES["bluesky"], "Kiitos @iom")).message.endswith("is")


def test_what_becomes_a_link_unmeant_or_none_on_one_platform() -> None:
    assert _codes("$USD 5", platform="x") == _codes("$USD 5", platform="bluesky") == ["cashtag"]
    assert _codes("$USD 5", platform="mastodon") == _codes("US$ 5 $5 $", platform="x") == []
    assert _codes("#" + "ä" * 65, platform="bluesky") == ["tag-long"]
    assert _codes("#" + "ä" * 64, platform="bluesky") == _codes("#" + "ä" * 65, platform="x") == []
    assert _codes("yle.fi", platform="x") == _codes("yle.fi", platform="bluesky") == []
    assert _codes("yle.fi", platform="mastodon") == ["url-scheme"]
    assert _codes("sää.fi", platform="bluesky") == ["url-scheme"]


def test_marks_of_direction_belong_to_some_languages_but_not_before_a_hashtag() -> None:
    assert _codes("\u200fשלום", language="he") == []
    assert _codes("\u200f#שלום", language="he") == ["invisible", "tag-before"]
    assert _codes("نرم\u200cافزار", language="fa") == []
    assert _codes("क्\u200dष", language="hi") == []


def test_faults_come_in_text_order_after_those_of_tags_not_written() -> None:
    findings = lint("(#Päivä) ja Kyllä.No 🎉🎉🎉🎉", ("2025",), "fi")
    assert [finding.start for finding in findings] == [None, 1, 12, 21, 24]


@patient
@given(texts)
def test_every_text_can_be_looked_at(text: str) -> None:
    tags = ("Päivä", "YK-päivä")
    findings = [
        *lint(text, tags, "fi", Vocabulary([text])),
        *lint_on(PROFILES["telegram"], text),
        *lint_on(PROFILES["x"], text),
    ]
    assert all(finding.start is None or 0 <= finding.start < len(text) for finding in findings)


@pytest.mark.parametrize(
    "piece",
    [
        "#a",
        "yle.fi ",
        "🎉",
        "https://yle.fi/?",
        "\u00a0",
        "a.",
        "𝗺 ",
        "#a-",
        "👩🏽‍🚀",
        "**a",
        "__a",
        "[a](",
        "# ",
        "[",
        "“",
        "Ã¤",
        "<a ",
        "&a",
        "@a.b",
        "$a ",
        "https://",
        "#ཞི་",
    ],
)
def test_a_hostile_text_takes_time_in_proportion_to_its_length(piece: str) -> None:
    text = piece * 4_000
    lint(text, ("Päivä",), "fi", Vocabulary([text]))
    for platform in ("x", "mastodon", "bluesky", "telegram"):
        lint_on(PROFILES[platform], text)
