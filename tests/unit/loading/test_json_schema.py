"""The JSON Schema takes what the reader takes, and refuses what an editor can see to be wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from campaigner.campaign.campaign import Model
from campaigner.campaign.config import Secret
from campaigner.loading.campaign_loader import parse_campaign
from campaigner.loading.json_schema import campaign_schema, config_schema
from campaigner.strict_yaml import plain, read


class ConsoleOptions(Model):
    pass


class TokenOptions(Model):
    server: str
    access_token: Secret


CAMPAIGN = """\
format: 1
campaign: {en: Migrants Day, fi: Siirtolaisten päivä}
observance: {type: week_containing, month: 11, day: 11, week_start: mon}
editions:
  2026: {theme: {en: A, fi: B}, date: 2026-12-18, hashtags: [A], link: https://example.org}
  every year:
languages: [en, fi]
accounts: [x, mastodon]
hashtags: {all: [A], fi: B}
link: {en: https://example.org, fi: https://example.org/fi}
handles: {iom: {name: IOM, x: "@UNmigration"}}
bilingual: separate
parity: required
late: 2h
allow: {camel-case: our brand}
draft: true
messages:
  morning:
    at: day 7 09:00 Europe/Zurich
    text: {en: A, fi: B}
    languages: [en, fi]
    accounts: all
    variants: {"x, bluesky": {text: {en: C}, draft: true}}
    images: [{file: a.png, alt: {en: A, fi: B}, not_before: 2026-12-01, credit: IOM}]
    video: {file: a.mp4, alt: {en: A, fi: B}, captions: burned-in}
    thread: [{text: {en: D, fi: E}}]
    card: {title: {en: A, fi: B}, description: {en: A, fi: B}, image: a.png}
    warning: {en: A, fi: B}
"""


def typed(value: Any) -> Any:
    """Values as an editor's YAML 1.2 reads them."""
    if isinstance(value, dict):
        return {key: typed(part) for key, part in value.items()}
    if isinstance(value, list):
        return [typed(part) for part in value]
    if value in ("true", "false"):
        return value == "true"
    return int(value) if isinstance(value, str) and value.isdigit() else value


def faults(schema: dict[str, Any], text: str) -> list[str]:
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    return [error.message for error in validator.iter_errors(typed(plain(read(text.encode()).root)))]


def reader_takes(text: str) -> bool:
    file = parse_campaign(text.encode(), id="a", path=Path("a.yaml"), shown_as="a.yaml", catalogue=None)
    return not file.has_errors


def test_a_campaign_with_every_key_is_taken_by_both() -> None:
    assert reader_takes(CAMPAIGN)
    assert faults(campaign_schema(), CAMPAIGN) == []


@pytest.mark.parametrize("editions", ["[2026, 2027]", "every year", "[2026, every year]", "2026", "{2030-2: {}}"])
def test_every_form_of_editions_is_taken_by_both(editions: str) -> None:
    start, _, rest = CAMPAIGN.partition("editions:")
    text = f"{start}editions: {editions}\n{rest[rest.index('languages:') :]}"
    assert reader_takes(text)
    assert faults(campaign_schema(), text) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("languages: [en, fi]\naccounts", "accounts"),
        ("accounts: [x", "acounts: [x"),
        ("at: day 7 09:00 Europe/Zurich", "at: noon"),
        ("draft: true\nmessages", "draft: perhaps\nmessages"),
        ("  morning:", "  Good Morning:"),
        ("bilingual: separate", "bilingual: both"),
        ("alt: {en: A, fi: B}, not_before", "not_before"),
        ("draft: true}}", "at: 08:00}}"),
        ("format: 1", "format: 2"),
        ("every year:", "next year:"),
    ],
)
def test_faults_that_an_editor_can_see_are_refused_by_both(old: str, new: str) -> None:
    assert old in CAMPAIGN
    text = CAMPAIGN.replace(old, new, 1)
    assert not reader_takes(text)
    assert faults(campaign_schema(), text)


CONFIG = """\
timezone: Europe/Helsinki
campaigns: [a, b]
late: 2h
quiet_hours: 22:00-07:00
alerts: env:ALERT
accounts:
  desk: {platform: console, like: x, languages: [en]}
  news: {platform: mastodon, server: https://a.example, access_token: env:T, languages: fi, spacing: 2m}
"""


def test_a_config_by_the_models_of_its_platforms() -> None:
    schema = config_schema({"console": ConsoleOptions, "mastodon": TokenOptions, "other": TokenOptions})
    assert faults(schema, CONFIG) == []
    for old, new in (("env:T,", "abc,"), ("server:", "servre:"), ("platform: console", "platform: c"), ("late", "lat")):
        assert faults(schema, CONFIG.replace(old, new, 1)), old


def test_option_models_of_one_name_are_kept_apart() -> None:
    def another() -> type[Model]:
        class TokenOptions(Model):
            key: Secret

        return TokenOptions

    schema = config_schema({"console": ConsoleOptions, "mastodon": TokenOptions, "x": another()})
    jsonschema.Draft202012Validator.check_schema(schema)
    accounts = schema["properties"]["accounts"]["additionalProperties"]["anyOf"]
    assert [sorted(set(account["properties"]) & {"key", "server"}) for account in accounts] == [[], ["server"], ["key"]]
