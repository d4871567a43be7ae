"""Campaigns, accounts and plans for tests, from as few words as a test is about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from textwrap import dedent
from typing import Any

from campaigner.campaign.campaign import Model
from campaigner.campaign.config import AccountConfig, Config
from campaigner.errors import Problem, Severity
from campaigner.loading.campaign_file import CampaignFile
from campaigner.loading.campaign_loader import parse_campaign
from campaigner.loading.images import ImageFacts, MediaError
from campaigner.observance.catalogue import Catalogue
from campaigner.plan.accounts import Account
from campaigner.plan.check import check
from campaigner.plan.compose import Composer
from campaigner.plan.expand import Plan, Slot, expand
from campaigner.post.post import Post
from campaigner.post.profile import Profile
from tests.unit.written import made

CATALOGUE = Catalogue.load()
TODAY = date(2026, 11, 23)
PROFILES = {
    "x": Profile(platform="x", measure="x", limit=280, unit="weighted", may_refuse_threads=True),
    "mastodon": Profile(
        platform="mastodon", measure="mastodon", limit=500, unit="characters", alt_limit=1500, takes_warning=True
    ),
    "bluesky": Profile(
        platform="bluesky",
        measure="bluesky",
        limit=300,
        unit="graphemes",
        byte_limit=3000,
        takes_card=True,
        shows_animations=False,
    ),
    "telegram": Profile(platform="telegram", measure="telegram", limit=4096, unit="utf16", takes_threads=False),
}


class Options(Model):
    """Options of a platform in tests."""

    server: str = "https://social.example"


def account(name: str, platform: str = "mastodon", languages: tuple[str, ...] = ("en",), **keys: Any) -> Account:
    options = {"like": None, "timezone": "Europe/Helsinki", "options": Options(server=f"https://{name}.example")}
    config = made(AccountConfig, **{"name": name, "platform": platform, "languages": languages, **options, **keys})
    return Account(config, PROFILES[config.behaves_as])


def config_of(accounts: Mapping[str, Account], **keys: Any) -> Config:
    values: dict[str, Any] = {
        "path": Path("/somewhere/config.yaml"),
        "timezone": "Europe/Helsinki",
        "campaigns": (Path("/somewhere/campaigns"),),
        "ledger": "sqlite:///state/campaigner.db",
        "accounts": {name: account.config for name, account in accounts.items()},
    }
    return made(Config, **{**values, **keys})


def campaign_file(text: str, id: str = "migrants-day") -> CampaignFile:
    """A campaign as read from its file; it must be faultless."""
    return parse_campaign(
        dedent(text).encode(), id=id, path=Path(f"/somewhere/campaigns/{id}.yaml"),
        shown_as=f"campaigns/{id}.yaml", catalogue=CATALOGUE,
    )  # fmt: skip


def campaign(
    messages: str,
    head: str = "",
    *,
    languages: str = "[en]",
    editions: str = "[2026]",
    faulty: bool = False,
    **keys: str,
) -> CampaignFile:
    """A campaign of 18 December with these messages; `head` are more lines at the top. `faulty`: one of them is so."""
    lines = {
        "campaign": "Migrants Day",
        "observance": "18 December",
        "editions": editions,
        "languages": languages,
        "accounts": "all",
        **keys,
    }
    written = "\n".join(f"{name}: {value}" for name, value in lines.items())
    body = "\n".join(f"  {line}" for line in dedent(messages).strip("\n").split("\n"))
    file = campaign_file(f"{written}\n{dedent(head).strip()}\nmessages:\n{body}\n")
    assert file.campaign is not None, file.problems
    assert bool(file.faulty) is faulty, file.problems
    return file


class Planning:
    """Files, accounts and what becomes of them. `images` are the sizes of the images that exist, by name."""

    def __init__(
        self, *files: CampaignFile, accounts: tuple[Account, ...] = (), today: date = TODAY, **keys: Any
    ) -> None:
        self.accounts = {one.name: one for one in accounts or (account("desk"),)}
        self.images: dict[str, tuple[int, str]] = {}
        self.config = config_of(self.accounts, **keys)
        self.plan: Plan = expand(files, self.accounts, config=self.config, catalogue=CATALOGUE, today=today)

    @property
    def slots(self) -> tuple[Slot, ...]:
        return self.plan.slots

    @property
    def keys(self) -> list[str]:
        return [str(slot.key).partition("/")[2] for slot in self.slots]

    @property
    def codes(self) -> list[str]:
        return [problem.code for problem in self.plan.problems]

    def find_image(self, file: str, relative_to: Path) -> ImageFacts:
        if file not in self.images:
            raise MediaError(f"the image {file} cannot be read", "Check the name.", "media-missing")
        size, media_type = self.images[file]
        return ImageFacts(
            path=relative_to / file, digest=f"digest of {file}", media_type=media_type, size=size, width=12, height=9
        )

    def post(self, slot: Slot) -> Post:
        return Composer(self.find_image).post(slot)

    def posts(self) -> list[Post]:
        return [self.post(slot) for slot in self.slots]

    def texts(self) -> list[str]:
        return [part.text for post in self.posts() for part in post.parts]

    def problems(self) -> list[Problem]:
        return list(check(self.plan, self.find_image, self.config))

    def held_back(self) -> set[tuple[str | None, str | None]]:
        """The messages (campaign, id) that have an error."""
        return {(one.campaign, one.message_id) for one in self.problems() if one.severity is Severity.ERROR}

    def problem(self, code: str) -> Problem:
        """The one problem of that code."""
        (found,) = [problem for problem in self.problems() if problem.code == code]
        return found
