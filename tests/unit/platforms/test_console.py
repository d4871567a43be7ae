"""The console: refuses what its platform would refuse, shows each part once, and knows what it showed."""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from campaigner.clock import SteppingClock
from campaigner.platforms.base import (
    Absent,
    AccountLimits,
    Connection,
    Identity,
    PartToSend,
    Receipt,
    Rejected,
    Unavailable,
    Uploaded,
)
from campaigner.platforms.bluesky import Bluesky
from campaigner.platforms.console import Console
from campaigner.platforms.mastodon import Mastodon
from campaigner.post.profile import Profile

from .parts import NOW, media_of, part_of

Make = Callable[..., Console]


@pytest.fixture
def shown() -> list[tuple[str, PartToSend]]:
    return []


@pytest.fixture
def make(shown: list[tuple[str, PartToSend]], tmp_path: Path) -> Make:
    def made(limits: Profile | None = None, folder: Path | None = tmp_path / "state") -> Console:
        limits = limits or Bluesky.profile
        return Console(
            Connection(
                account="desk",
                options=None,
                secrets={},
                clock=SteppingClock(NOW),
                folder=folder,
                show=lambda *what: shown.append(what),
                limits=limits,
            )
        )

    return made


@pytest.mark.parametrize("durable", [True, False])
def test_a_part_is_shown_once(make: Make, shown: list[tuple[str, PartToSend]], tmp_path: Path, durable: bool) -> None:
    adapter = make(folder=tmp_path / "state" if durable else None)
    assert adapter.look(part_of()) == Absent()
    receipt = adapter.publish(part_of())
    assert isinstance(receipt, Receipt)
    assert receipt.url == f"console:desk/{receipt.id}"
    assert adapter.publish(part_of()) == receipt == adapter.look(part_of())
    assert shown == [("desk", part_of())]
    other = adapter.publish(part_of(token="0f" * 32))
    assert isinstance(other, Receipt)
    assert other.id != receipt.id


def test_another_process_knows_what_was_shown(make: Make, shown: list[tuple[str, PartToSend]], tmp_path: Path) -> None:
    receipt = make().publish(part_of())
    assert make().look(part_of()) == receipt == make().publish(part_of())
    assert len(shown) == 1
    path = tmp_path / "state" / "console" / "desk.jsonl"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert make(folder=None).look(part_of()) == Absent()


def test_a_line_that_a_power_cut_left_half_written_spoils_nothing(make: Make, tmp_path: Path) -> None:
    make().publish(part_of())
    path = tmp_path / "state" / "console" / "desk.jsonl"
    path.write_bytes(path.read_bytes() + b'["0f0f')
    torn = part_of(token="0f" * 32)
    assert make().look(torn) == Absent()
    assert isinstance(make().publish(torn), Receipt)
    assert isinstance(make().look(torn), Receipt)
    assert isinstance(make().look(part_of()), Receipt)


def test_a_journal_that_can_not_be_kept_shows_nothing(
    make: Make, shown: list[tuple[str, PartToSend]], tmp_path: Path
) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "console").write_text("a file where a folder was wanted")
    assert isinstance(make().publish(part_of()), Unavailable)
    assert isinstance(make().look(part_of()), Unavailable)
    assert shown == []


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (part_of("a" * 301), "301 long, the limit is 300"),
        (part_of("👩‍👩‍👧‍👦" * 121), "3025 bytes, the limit is 3000"),
        (part_of("a", media=(media_of(),) * 5), "5 images, the limit is 4"),
    ],
)
def test_what_the_platform_would_refuse_is_refused(
    make: Make, shown: list[tuple[str, PartToSend]], part: PartToSend, words: str
) -> None:
    outcome = make().publish(part)
    assert isinstance(outcome, Rejected)
    assert words in outcome.reason
    assert shown == []


def test_a_warning_counts_where_the_platform_counts_it(make: Make) -> None:
    adapter = make(Mastodon.profile)
    assert isinstance(adapter.publish(part_of("a" * 500)), Receipt)
    assert isinstance(adapter.publish(part_of("a" * 500, warning="b")), Rejected)


def test_the_picture_of_a_card_is_no_image(make: Make) -> None:
    card = {"url": "https://a.example", "title": "", "description": "", "image": 4}
    assert isinstance(make().publish(part_of("a", media=(media_of(),) * 5, card=card)), Receipt)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"media_type": "image/svg+xml"}, "does not take"),
        ({"data": b"x" * 1_000_001}, "the limit is 1000000"),
        ({"alt": "a" * 2001}, "2001 long"),
    ],
)
def test_images_that_the_platform_would_refuse(make: Make, changed: dict[str, object], words: str) -> None:
    outcome = make().prepare(replace(media_of(), **changed))
    assert isinstance(outcome, Rejected)
    assert words in outcome.reason


def test_the_rest_of_an_adapter(make: Make) -> None:
    adapter = make()
    assert adapter.identity() == Identity(id="console:desk", name="desk")
    assert isinstance(adapter.prepare(media_of()), Uploaded)
    assert adapter.limits() == AccountLimits(profile=Bluesky.profile)
    assert adapter.delete(Receipt(id="1", url="", at=NOW)) is None
    assert adapter.absence_after == timedelta(0)
    adapter.close()
    assert Console.profile.platform == "console"
