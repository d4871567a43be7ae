"""The terminal and the templates: what files and servers say is shown, and is never a command to either."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from typing import Any

import pytest

from campaigner.fakes.http_messages import Answer, Request
from campaigner.fakes.mastodon import FakeMastodon

from .hostile import Journal, said, told
from .workplace import Workplace, account, at, campaign, message

ATTACKS = {
    "colour": "\x1b[31m",
    "clipboard (OSC 52)": "\x1b]52;c;ZXZpbA==\x07",
    "link (OSC 8)": "\x1b]8;;https://evil.example\x1b\\here\x1b]8;;\x1b\\",
    "C1 control sequence": "\x9b2J",
    "C1 operating system command": "\x9d52;c;ZXZpbA==\x9c",
    "back over the line": "\r\x08\x7f",
    "override": "\u202egnp.exe",
    "isolate": "\u2066\u2067\u2068",
    "marks": "\u200e\u200f\u061c",
    "half a character": "\ud83d",
}
EVIL = "".join(ATTACKS.values())
BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
KEY = "migrants-day/2020/morning/news/en"


def assert_harmless(printed: str) -> None:
    found = {f"U+{ord(letter):04X}" for letter in printed if is_command(letter)}
    assert not found, printed


def is_command(letter: str) -> bool:
    return letter in BIDI or (unicodedata.category(letter) in ("Cc", "Cs") and letter != "\n")


def printed_by(place: Workplace, *commands: str) -> dict[str, str]:
    found = {}
    for command in commands:
        done = place.run(*command.split())
        assert done.returncode != 70, done.stderr
        found[command] = done.stdout + done.stderr
        assert_harmless(found[command])
    return found


def test_what_a_server_answers(place: Workplace) -> None:
    """A name, an id, an address; then words that refuse a post: each with all that a terminal might obey."""
    place.speed = 1.0
    refusals = iter([404, 422, 401])

    def reply(request: Request) -> Answer:
        found: Mapping[str, Any] = {"id": "7", "acct": EVIL, "url": f"https://a.example/{EVIL}", "version": EVIL}
        return said(found) if request.method == "GET" else told(next(refusals), f"no {EVIL}\nand no\r\nmore")

    with Journal(reply) as server:
        place.write_config(
            {
                "news": {
                    "platform": "mastodon",
                    "server": server.url,
                    "access_token": "a-long-token",
                    "languages": ["en"],
                    "spacing": "0s",
                }
            }
        )
        texts = {name: message("08:00", f"Good {name}", "-") for name in ("morning", "noon")}
        place.write("campaigns/migrants-day.yaml", campaign(texts))
        place.accept()
        place.move_to(at("08:00:30"))
        found = printed_by(place, "run --once", "accounts check", "accounts check --json")
        found |= printed_by(place, "status", "status --json", "log")
    assert "<U+001B>" in found["run --once"]
    assert "<U+202E>" in found["accounts check"]
    assert "<U+202E>" in found["status --json"]
    assert all("no" in found[name] for name in ("status", "log"))


def test_a_server_that_forges_lines_of_a_report(place: Workplace, mastodon: FakeMastodon) -> None:
    """`run --once` prints a line a post, which scripts read: no refusal can add one."""
    place.speed = 1.0
    place.write_config({"news": account(mastodon, ["en"])})
    place.write("campaigns/migrants-day.yaml", campaign({"morning": message("08:00", "Good morning", "-")}))
    place.accept()
    place.move_to(at("08:00:30"))
    forged = f"Validation failed: Text\npublished {KEY} https://evil.example\n\rpublished x\u2028\x85published"
    mastodon.fault(
        "status", path_prefix="/api/v1/statuses", method="POST", status=422, body=json.dumps({"error": forged})
    )
    done = place.run("run", "--once")
    assert [line.split()[0] for line in done.stdout.strip().split("\n")] == ["failed"]
    for command in ("status", "log"):
        lines = place.run(command).stdout.split("\n")
        assert not any(line.startswith("published") for line in lines), lines


# YAML keeps control characters out of files; what is left are marks that turn the direction, and Rich's markup.
TEXT = "[red]loud[/red] [/fi] [fi] [link=https://evil.example]here[/link] \u202eevil\u2066"


def test_what_a_campaign_says(place: Workplace) -> None:
    place.write_config({"desk": {"platform": "console", "like": "x", "languages": ["en"], "spacing": "0s"}})
    place.write("HOLD", f"{EVIL.encode('utf-8', 'replace').decode()}\npublished {KEY} https://evil.example")
    lost = {
        "morning": message("08:00", TEXT, "-", warning={"en": TEXT, "fi": "-"}),
        "bad": message("09:00", f"{TEXT} {{nothing}}", "-"),
    }
    place.write("campaigns/migrants-day.yaml", campaign(lost, campaign=f"Day {TEXT}"))
    found = printed_by(place, "check", "preview", "preview --table", "preview --json")
    place.write("campaigns/migrants-day.yaml", campaign({"morning": lost["morning"]}, campaign=f"Day {TEXT}"))
    place.accept()
    place.move_to(at("08:00:30"))
    held = printed_by(place, "run --once", "status", "status --json")
    assert "on hold" in held["run --once"]
    assert not any(line.startswith("published") for text in held.values() for line in text.splitlines())
    (place.folder / "HOLD").unlink()
    found |= printed_by(place, "release --late post", "run --once --dry-run", "run --once", "log")
    shown = TEXT.replace("\u202e", "<U+202E>").replace("\u2066", "<U+2066>")
    for command in ("preview", "run --once --dry-run", "run --once"):
        assert shown in " ".join(found[command].replace("│", " ").replace(" ↩\n", " ").split()), command
    assert "[red]loud[/red] [/fi] [fi]" in found["preview --table"]
    posts = json.loads(found["preview --json"].partition("\n]\n")[0] + "]")
    assert [post["parts"][0]["text"] for post in posts] == [TEXT]


@pytest.mark.parametrize("attack", ["\x1b[31m", "\x9b2J", "\x7f"])
def test_control_characters_in_a_campaign_are_refused(place: Workplace, attack: str) -> None:
    place.write_config({"desk": {"platform": "console", "like": "x", "languages": ["en"]}})
    place.write("campaigns/a.yaml", f"campaign: a\nmessages:\n  m:\n    text: |\n      evil {attack} text\n")
    place.write("config.yaml", (place.folder / "config.yaml").read_text() + f"# {attack}\n")
    found = printed_by(place, "check", "check --format json")
    assert "control-character" in found["check"]


def test_names_of_files(place: Workplace) -> None:
    place.write_config({"desk": {"platform": "console", "like": "x", "languages": ["en", "fi"]}})
    place.write("campaigns/good.yaml", campaign({"m": message("08:00", "a", "b", images=[image("\u202egnp.exe")])}))
    for number, attack in enumerate(ATTACKS.values()):
        name = f"{number}{attack}.yaml".replace("/", "").encode("utf-8", "replace")
        (place.folder / "campaigns" / name.decode()).write_text("a: [", "utf-8")
    (place.folder / "campaigns" / b"latin-\xe4.yaml".decode("utf-8", "surrogateescape")).write_text("a: [")
    found = printed_by(place, "check", "check --format json", "check --format github", "preview", "status")
    assert "<U+001B>" in found["check"]
    assert len(found["check --format github"].splitlines()) > len(ATTACKS)


def image(file: str) -> dict[str, Any]:
    return {"file": file, "alt": {"en": "a", "fi": "b"}}


def test_words_of_the_command_line(place: Workplace) -> None:
    place.write_config({"desk": {"platform": "console", "like": "x", "languages": ["en", "fi"]}})
    place.write("campaigns/a.yaml", campaign({"m": message("08:00", "a", "b")}))
    evil = EVIL.encode("utf-8", "replace").decode()
    for words in (
        ["preview", evil],
        ["log", evil],
        ["retry", evil],
        ["check", evil],
        [evil],
        ["days", evil],
        ["hold", "--reason", evil],
        ["status"],
    ):
        done = place.run(*words)
        assert done.returncode in (0, 1, 2, 3, 5), done
        assert_harmless(done.stdout + done.stderr)


TEMPLATES = [
    "{0.__class__}",
    "{link.__class__}",
    "{theme[0]}",
    "{theme!r}",
    "{theme:>999999999}",
    "{__import__}",
    "{0}",
    "{}",
    "{self}",
]


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_format_string_is_no_program(place: Workplace, template: str) -> None:
    place.write_config({"desk": {"platform": "console", "like": "x", "languages": ["en", "fi"]}})
    place.write("campaigns/a.yaml", campaign({"m": message("08:00", template, "b")}))
    done = place.run("check")
    assert (done.returncode, "class '" in done.stdout) == (3, False)
    assert len(done.stdout) < 2000


def test_what_is_filled_in_is_not_filled_again(place: Workplace) -> None:
    """Values that look like words in braces: of the edition, of handles, of the link and of the title."""
    place.write_config(
        {"desk": {"platform": "console", "like": "x", "languages": ["en", "fi"]}},
        handles={"iom": {"name": "{theme}", "x": "@{link}"}},
    )
    edition = {2020: {"theme": {"en": "{@iom} {0.__class__} {{date}}", "fi": "b"}}}
    text = "{theme} {name} {@iom} {{theme}}"
    place.write(
        "campaigns/a.yaml",
        campaign({"m": message("08:00", text, "b")}, editions=edition, campaign="{theme}", observance="2020-12-18"),
    )
    done = place.run("preview", "--language", "en", "--json")
    if done.returncode == 0:
        (post,) = json.loads(done.stdout)
        assert post["parts"][0]["text"] == "{@iom} {0.__class__} {{date}} {theme} @{link} {theme}"
    else:
        assert "{0.__class__}" in done.stderr
