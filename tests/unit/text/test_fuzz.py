"""10,000 texts of any Unicode through every counter: none fails, and none says what can't be."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from campaigner.platforms.table import default_profiles
from campaigner.text.measure import entities, fits_cheaply, measure
from campaigner.text.thread_split import split

from .strategies import texts

PROFILES = list(default_profiles().values())


@settings(max_examples=10_000, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(text=texts)
def test_no_text_makes_a_counter_fail(text: str) -> None:
    for profile in PROFILES:
        found = measure(text, profile)
        assert found.length >= 0
        assert found.fits or not fits_cheaply(text, profile)
        end = 0
        for entity in entities(text, profile.measure):
            assert end <= entity.start < entity.end <= len(text)
            assert text[entity.start : entity.end] == entity.text
            end = entity.end
    assert all(measure(part, PROFILES[0]).fits for part in split(text, PROFILES[0]))
