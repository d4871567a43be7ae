"""`rehearse`: to fakes of the servers, whose limits are the real ones, with no secret and nothing of ours touched."""

from __future__ import annotations

from typing import Any

import pytest

from .test_holds import DOT
from .workplace import Workplace, campaign

IMAGE = {"images": [{"file": "dot.png", "alt": {"en": "A dot"}}]}
ACCOUNTS = {
    "like-x": {"platform": "console", "like": "x"},
    "ours": {"platform": "mastodon", "server": "https://social.example", "access_token": "env:NOT_SET"},
    "theirs": {"platform": "bluesky", "handle": "theirs.example", "app_password": "env:NOT_SET", "long_text": "thread"},
    "screen": {"platform": "console"},
}


def said(at: str, text: str, **keys: Any) -> dict[str, Any]:
    return {"at": at, "text": {"en": text}, **keys}


def written(place: Workplace, accounts: dict[str, Any], messages: dict[str, Any]) -> None:
    (place.folder / "campaigns").mkdir()
    (place.folder / "campaigns" / "dot.png").write_bytes(DOT)
    place.write_config({name: {**options, "languages": ["en"], "spacing": "0s"} for name, options in accounts.items()})
    place.environment.clear()
    place.write("campaigns/migrants-day.yaml", campaign(messages, languages=["en"]))


def rehearsed(place: Workplace, code: int = 0) -> str:
    place.environment["CAMPAIGNER_CLOCK"] = ""
    done = place.run("rehearse")
    assert done.returncode == code, (done.stdout, done.stderr)
    assert not (place.folder / "state").exists()
    return done.stdout


def test_every_account_is_rehearsed_in_the_order_of_the_plan(place: Workplace) -> None:
    long = " ".join(f"This is sentence {number} of a text for a thread." for number in range(9))
    written(
        place,
        ACCOUNTS,
        {
            "morning": said("08:00", "Good <morning> & https://example.org/a?b=c", **IMAGE),
            "noon": said("12:00", long, accounts=["theirs"]),
        },
    )
    shown = rehearsed(place)
    assert "5 of 5 posts went out once each" in shown
    assert "like-x 1, ours 1, screen 1, theirs 2" in shown
    cards = [line.split()[1:3] for line in shown.splitlines() if line.startswith(("┌", "+-"))]
    assert cards == [["08:00:00", name] for name in ACCOUNTS] + [["12:00:00", "theirs"]] * 2
    assert shown.count("image, alt: A dot") == 4
    assert rehearsed(place) == shown


def test_a_table_has_one_card_then_a_line_a_message(place: Workplace) -> None:
    written(place, ACCOUNTS, {"morning": said("08:00", "Good day", **IMAGE), "noon": said("12:00", "Good noon")})
    place.environment["CAMPAIGNER_CLOCK"] = ""
    done = place.run("rehearse", "--table")
    assert done.stderr == (
        "rehearsing 8 posts of Friday 18 December 2020 in seconds, to fakes of the platforms' servers on this machine\n"
    )
    card, day, _ = done.stdout.split("\n\n", 3)[0], *done.stdout.split("\n\n")[-2:]
    assert card.startswith("┌─ 08:00:00  like-x  morning en  Fri 18 Dec 2020\n│ Good day\n")
    assert day.splitlines() == [
        "Friday 18 December",
        "  migrants-day/2020",
        "  08:00  morning  “Good day”  like-x en ✓ · ours en ✓ · theirs en ✓ · screen en ✓",
        "  12:00  noon  “Good noon”  like-x en ✓ · ours en ✓ · theirs en ✓ · screen en ✓",
    ]
    assert done.stdout.count("┌") == 1


def test_every_card_names_its_message_and_language(place: Workplace) -> None:
    written(place, ACCOUNTS, {"morning": said("08:00", "Good day")})
    shown = rehearsed(place)
    assert [shown.count(f"08:00:00  {name}  morning en  Fri 18 Dec 2020") for name in ACCOUNTS] == [1, 1, 1, 1]


@pytest.mark.parametrize(("name", "most", "goes_on"), [("ours", 30, "08:30"), ("like-x", 100, "08:15")])
def test_a_limit_of_the_server_is_met(place: Workplace, name: str, most: int, goes_on: str) -> None:
    """Mastodon takes thirty images in half an hour, X a hundred posts in a quarter: the rest goes out late, and is told."""
    keys = IMAGE if name == "ours" else {}
    numbers = {f"m{number}": said("08:00", f"News {number}", **keys) for number in range(most + 2)}
    written(place, {name: ACCOUNTS[name]}, numbers)
    shown = rehearsed(place, 1)
    assert f"{most + 2} of {most + 2} posts went out once each" in shown
    assert "waiting migrants-day/2020/" in shown
    assert (shown.count(f"08:00:00  {name}"), shown.count(f"{goes_on}:0")) == (most, 2)
