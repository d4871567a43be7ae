"""The commands that a person types first: init, preview, accounts, schema, rehearse, and what a wrong line gives."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from campaigner.fakes.bluesky import FakeBluesky
from campaigner.fakes.mastodon import FakeMastodon

from .workplace import COMMAND, Workplace, account, campaign, message

POST_KEYS = {
    "key", "campaign", "edition", "message", "account", "platform", "language", "due_at", "local_time", "timezone",
    "parts", "warning", "draft", "digest", "code", "notes",
}  # fmt: skip


def begun(place: Workplace) -> Workplace:
    """A folder as `init` makes it."""
    done = place.run("init", "here")
    assert done.returncode == 0, done.stderr
    place.folder = place.folder / "here"
    return place


def test_init_makes_a_folder_that_checks_and_rehearses(place: Workplace) -> None:
    begun(place)
    names = {str(path.relative_to(place.folder)) for path in place.folder.rglob("*") if path.is_file()}
    assert {"config.yaml", ".gitignore", "schema/campaign.json", "campaigns/international-migrants-day.yaml"} <= names
    assert (place.run("check", "--strict").returncode, place.run("check", "--strict").stdout) == (0, "")
    rehearsed = place.run("rehearse")
    assert rehearsed.returncode == 0
    assert "66 of 66 posts went out once each" in rehearsed.stdout
    assert not (place.folder / "state").exists()


def test_init_never_overwrites(place: Workplace) -> None:
    begun(place)
    config = place.folder / "config.yaml"
    config.write_text("# mine\n")
    done = place.run("init", ".")
    assert (done.returncode, config.read_text()) == (5, "# mine\n")


def test_the_files_of_init_name_their_schema(place: Workplace) -> None:
    begun(place)
    for name, schema in (
        ("config.yaml", "schema/config.json"),
        ("campaigns/international-migrants-day.yaml", "../schema/campaign.json"),
    ):
        first = (place.folder / name).read_text("utf-8").splitlines()[0]
        assert first == f"# yaml-language-server: $schema={schema}"
        assert ((place.folder / name).parent / schema).is_file()


def test_preview_json_has_its_keys(place: Workplace) -> None:
    begun(place)
    posts = json.loads(place.run("preview", "--json", "--language", "fi", "--account", "desk-x").stdout)
    assert [set(post) for post in posts] == [POST_KEYS] * 11
    first = posts[0]
    assert first["key"] == "international-migrants-day/2020/good-morning/desk-x/fi"
    assert (first["due_at"], first["local_time"]) == ("2020-12-18T06:00:00Z", "2020-12-18T08:00:00+02:00")
    assert set(first["parts"][0]) == {"text", "length", "limit", "images"}
    assert first["parts"][0]["images"][0]["file"] == "images/migrants-day-fi.png"
    assert {len(post["parts"]) for post in posts} == {1}
    on_mastodon = json.loads(place.run("preview", "--json", "--language", "fi", "--account", "desk-mastodon").stdout)
    assert [len(post["parts"]) for post in on_mastodon].count(3) == 1


def test_preview_by_day_campaign_and_year(place: Workplace) -> None:
    begun(place)
    assert place.run("preview", "--date", "2020-12-18", "--table").stdout.count("\n") == 66
    assert place.run("preview", "--date", "2020-12-19", "--table").stdout == ""
    assert place.run("preview", "--year", "2021", "--table").stdout == ""
    assert place.run("preview", "nothing").returncode == 2
    assert place.run("preview", "--account", "nobody").returncode == 2


def test_cards_fit_80_columns_and_any_encoding(place: Workplace) -> None:
    begun(place)
    wide = place.run("preview", "--account", "desk-x")
    place.environment |= {"PYTHONIOENCODING": "ascii:replace", "COLUMNS": "80"}
    plain = place.run("preview", "--account", "desk-x")
    assert max(len(line) for line in wide.stdout.splitlines()) <= 80
    assert plain.returncode == 0
    assert plain.stdout.isascii()
    assert "[####" in plain.stdout


def test_what_a_fault_holds_back_is_named_in_the_preview(place: Workplace) -> None:
    place.write_config({"desk": {"platform": "console", "like": "x", "languages": ["en", "fi"]}})
    place.write("campaigns/a.yaml", campaign({"good": message("08:00", "a", "b"), "bad": message("09:00", "{x}", "c")}))
    done = place.run("preview")
    assert done.returncode == 3
    assert "a/2020/good/desk/en" in done.stdout
    assert "not shown, for a fault holds it back: a bad" in done.stderr


def test_control_characters_are_shown_and_never_sent(place: Workplace) -> None:
    place.write_config({"desk": {"platform": "console", "like": "x", "languages": ["en", "fi"]}})
    place.write("campaigns/a.yaml", campaign({"m": message("08:00", "safe \u202e evil [/fi] [fi]", "b")}))
    done = place.run("preview")
    assert "\u202e" not in done.stdout
    assert "<U+202E> evil [/fi] [fi]" in done.stdout


def test_accounts_check_asks_the_servers_and_remembers_their_limits(
    place: Workplace, mastodon: FakeMastodon, bluesky: FakeBluesky
) -> None:
    mastodon.limits["characters"] = 11
    place.write_config({"elephant": account(mastodon), "sky": account(bluesky)})
    place.write("campaigns/a.yaml", campaign({"m": message("08:00", "twelve chars", "kaksi")}))
    assert place.run("check").returncode == 0
    checked = place.run("accounts", "check", "--json")
    rows = {row["account"]: row for row in json.loads(checked.stdout)}
    assert (checked.returncode, rows["elephant"]["limits"]["text"], rows["sky"]["ok"]) == (0, 11, True)
    assert place.run("check").returncode == 3


def test_accounts_check_says_what_is_wrong_with_an_account(place: Workplace, mastodon: FakeMastodon) -> None:
    place.write_config({"elephant": account(mastodon)})
    place.environment["ELEPHANT_ACCESS_TOKEN"] = "wrong-token-value"
    refused = place.run("accounts", "check")
    assert refused.returncode == 1
    del place.environment["ELEPHANT_ACCESS_TOKEN"]
    missing = place.run("accounts", "check")
    assert missing.returncode == 4
    assert "env:ELEPHANT_ACCESS_TOKEN" in missing.stdout
    assert "wrong-token-value" not in refused.stdout + refused.stderr + missing.stdout


def test_accounts_lists_without_asking_anybody(place: Workplace, mastodon: FakeMastodon) -> None:
    place.write_config({"elephant": account(mastodon)})
    done = place.run("accounts")
    assert done.stdout == "elephant: mastodon, en, fi, Europe/Helsinki\n"
    assert not mastodon.requests


@pytest.mark.parametrize("which", ["campaign", "config"])
def test_schema_is_a_json_schema(place: Workplace, which: str) -> None:
    import jsonschema

    schema = json.loads(place.run("schema", which).stdout)
    jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize(
    "line",
    [
        ["nothing"],
        ["preview", "--nothing"],
        ["preview", "--date", "tomorrow"],
        ["run", "--yes"],
        ["hold"],
        ["hold", "--reason", "x", "--campaign", "no-such"],
        ["release", "--late", "maybe"],
        ["schema", "nothing"],
        ["retry", "a/b/c"],
        ["resolve", "a/b/c/d/e"],
        ["count", "x", "--platform", "nothing"],
        ["check", "nowhere.yaml"],
        ["rehearse", "nothing"],
        ["log", "nothing"],
    ],
)
def test_a_wrong_command_line_is_exit_2_with_words(place: Workplace, line: list[str]) -> None:
    begun(place)
    done = place.run(*line)
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stderr.strip()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("preview --lang fi", "there is no option --lang\n  did you mean --language?"),
        ("run --onc", "there is no option --onc\n  did you mean --once?"),
        ("status --zzz", "there is no option --zzz\n  `campaigner status --help` shows what it takes"),
        ("approve --by Aino", "--code is missing\n  `campaigner approve --help` shows what it takes"),
        ("release all", "nothing is meant by: all\n  `campaigner release --help` shows what it takes"),
        ("log a b c", "nothing is meant by: b c\n  `campaigner log --help` shows what it takes"),
        ("days --year soon", "--year: soon is no number\n  `campaigner days --help` shows what it takes"),
        (
            "resolve a/2020/b/c/en --published",
            "--published needs a value: --published URL\n  `campaigner resolve --help` shows what it takes",
        ),
        ("preview --json=yes", "--json takes no value\n  `campaigner preview --help` shows what it takes"),
        ("--config", "--config needs a value\n  `campaigner --help` shows what it takes"),
        ("new", "DAY is missing\n  `campaigner new --help` shows what it takes"),
        ("count x --platform twitter", "there is no platform twitter\n  did you mean x?"),
        ("count x --platform facebok", "there is no platform facebok\n  did you mean facebook?"),
        ("check migrants-day", "there is no migrants-day\n  did you mean international-migrants-day?"),
        (
            "check campaigns/migrants-day.yml",
            "there is no campaigns/migrants-day.yml\n  did you mean international-migrants-day?",
        ),
    ],
)
def test_a_slip_on_the_command_line_is_told_in_our_words(place: Workplace, line: str, told: str) -> None:
    begun(place)
    done = place.run(*line.split())
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"campaigner: {told}\n")


def test_a_group_of_commands_alone_shows_its_help(place: Workplace) -> None:
    done = place.run("ledger")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == place.run("ledger", "--help").stdout


def test_a_campaign_is_checked_by_its_id_too(place: Workplace) -> None:
    begun(place)
    day = "international-migrants-day"
    place.write("campaigns/other-day.yaml", "campaign: [")
    by_file, by_id = place.run("check", f"campaigns/{day}.yaml"), place.run("check", day)
    assert by_file.returncode == 0
    assert (by_id.returncode, by_id.stdout, by_id.stderr) == (0, by_file.stdout, by_file.stderr)


def test_check_without_a_config_says_how_to_begin(place: Workplace) -> None:
    done = place.run("check")
    assert done.returncode == 3
    assert "campaigner init" in done.stderr


def test_no_campaign_at_all_is_an_error(place: Workplace) -> None:
    place.write_config({"desk": {"platform": "console", "like": "x", "languages": ["en"]}})
    (place.folder / "campaigns").mkdir()
    assert place.run("check").returncode == 3


def test_a_clock_for_rehearsals_is_refused_when_posts_could_leave_the_machine(place: Workplace) -> None:
    place.environment["TOKEN"] = "t0ken"
    place.write_config(
        {"real": {"platform": "mastodon", "server": "https://social.example", "languages": ["en", "fi"],
                  "access_token": "t0ken"}}
    )  # fmt: skip
    place.write("campaigns/a.yaml", campaign({"m": message("08:00", "a", "b")}))
    done = place.run("run", "--once")
    assert done.returncode == 2
    assert "CAMPAIGNER_CLOCK" in done.stderr


def test_the_version_comes_at_once(tmp_path: Path) -> None:
    done = subprocess.run([COMMAND, "--version"], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.startswith("campaigner 0.")


def test_a_closed_pipe_is_no_fault(place: Workplace) -> None:
    begun(place)
    done = subprocess.run(
        f"{COMMAND} preview | head -1",
        shell=True,
        cwd=place.folder,
        env=place.environment_now(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""


def test_count_tells_of_every_platform_each_in_its_own_way(place: Workplace) -> None:
    text = "Hyvää kansainvälistä siirtolaisten päivää! #SiirtolaistenPäivä https://iom.fi/" + "ä" * 1000
    platforms = json.loads(place.run("count", "--json", input=text).stdout)["platforms"]
    assert set(platforms) == {
        "x", "mastodon", "bluesky", "threads", "telegram", "discord", "linkedin", "facebook", "instagram", "slack"
    }  # fmt: skip
    assert platforms["telegram"]["caption_limit"] == 1024
    assert platforms["threads"]["length"] == len(text.encode())
    assert platforms["bluesky"]["bytes"] == len(text.encode())
    assert [entity["type"] for entity in platforms["instagram"]["entities"]] == ["hashtag"]
    assert [entity["type"] for entity in platforms["slack"]["entities"]] == ["url"]
    assert "too long for a caption" in place.run("count", "-", "--platform", "telegram", input=text).stdout


def test_count_names_the_platforms_of_the_config_first(place: Workplace) -> None:
    place.write_config({"desk": {"platform": "console", "like": "bluesky", "languages": ["en"]}})
    lines = [line for line in place.run("count", "Hi").stdout.splitlines() if not line.startswith(" ")]
    assert [line.split()[0] for line in lines[:3]] == ["bluesky", "x", "mastodon"]
    assert [line.endswith("not posted to yet") for line in lines] == [False] * 3 + [True] * 7


def test_count_of_no_text_says_how_to_give_one(place: Workplace) -> None:
    done = place.run("count", input="")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no text was given\n  campaigner count" in done.stderr


def test_preview_names_the_file_that_it_can_not_show(place: Workplace) -> None:
    place.write_config({"desk": {"platform": "console", "like": "x", "languages": ["en"]}})
    place.write("campaigns/migrants-day.yaml", campaign({"morning": message("08:00", "Good morning", "-")}))
    place.write("campaigns/broken.yaml", "languages: [en\n")
    done = place.run("preview")
    assert (done.returncode, "Good morning" in done.stdout) == (3, True)
    assert "not shown, for a fault holds it back: campaigns/broken.yaml" in done.stderr


def test_a_console_is_taken_as_the_platform_that_it_is_like_by_every_command(place: Workplace) -> None:
    place.write_config(
        {
            name: {"platform": "console", "like": name.removeprefix("our-"), "languages": ["en"]}
            for name in ("our-x", "our-mastodon")
        }
    )
    place.write("campaigns/migrants-day.yaml", campaign({"morning": message("08:00", "Good morning", "Huomenta")}))
    place.accept()
    ours = "migrants-day/2020/morning/our-x/en"
    for by_platform in (["x"], ["--account", "x"]):
        assert [post["key"] for post in json.loads(place.run("preview", *by_platform, "--json").stdout)] == [ours]
    assert [post["key"] for post in json.loads(place.run("status", "x", "--json").stdout)["posts"]] == [ours]
    assert place.run("hold", "--account", "x", "--reason", "wait").stdout.startswith("on hold: our-x.")
    assert place.run("cancel", "mastodon", "--yes").stdout == "cancelled migrants-day/2020/morning/our-mastodon/en\n"
    assert len(json.loads(place.run("preview", "console", "--json").stdout)) == 2
