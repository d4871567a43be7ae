"""Campaign files: every fault of every file in one run, what is held back, what stays, and what is read again."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import textwrap
from datetime import time
from pathlib import Path

import pytest

from campaigner.campaign.campaign import ANY
from campaigner.errors import Place, Problem, Severity, render
from campaigner.loading.campaign_file import CampaignFile
from campaigner.loading.campaign_loader import CampaignReader, parse_campaign
from campaigner.observance.catalogue import Catalogue

HEAD = """\
campaign: Migrants Day
observance: 18 December
editions: [2026]
languages: [en, fi]
accounts: all
"""
MORNING = """\
  morning:
    at: 08:00
    text:
      en: |
        Good morning
      fi: |
        Hyvää huomenta
"""
EVENING = MORNING.replace("morning:", "evening:", 1).replace("08:00", "+1d 18:00")
GOOD = f"{HEAD}messages:\n{MORNING}{EVENING}"


def parsed(text: str, id: str = "day") -> CampaignFile:
    return parse_campaign(
        text.encode(), id=id, path=Path(f"/c/{id}.yaml"), shown_as=f"campaigns/{id}.yaml", catalogue=None
    )


def codes(file: CampaignFile) -> list[str]:
    return [problem.code for problem in file.problems]


def test_a_good_file_becomes_a_campaign() -> None:
    file = parsed(GOOD)
    assert file.problems == () and file.faulty == frozenset() and not file.has_errors
    assert file.campaign is not None
    assert file.campaign.id == "day" and file.campaign.title == {ANY: "Migrants Day"}
    morning, evening = file.campaign.messages
    assert (morning.id, morning.at.time, evening.at.days) == ("morning", time(8), 1)
    assert morning.text == {"en": "Good morning\n", "fi": "Hyvää huomenta\n"}


def test_a_fault_inside_a_message_leaves_the_others() -> None:
    file = parsed(GOOD.replace("08:00", "8am"))
    assert file.faulty == {"morning"} and file.campaign is not None
    assert [message.id for message in file.campaign.messages] == ["evening"]
    (problem,) = file.problems
    assert (problem.message_id, problem.campaign, problem.code) == ("morning", "day", "at")
    assert problem.place == Place("campaigns/day.yaml", 8, 9)


def test_a_fault_outside_the_messages_holds_the_campaign_back_and_hides_no_other() -> None:
    file = parsed(GOOD.replace("accounts: all", "acounts: all").replace("08:00", "8am"))
    assert file.campaign is None and file.faulty == {"morning"}
    assert codes(file) == ["unknown-key", "at"]
    assert [problem.message_id for problem in file.problems] == [None, "morning"]


def test_all_faults_of_one_message_are_found_together() -> None:
    text = MORNING.replace("08:00", "8am").replace("      fi: |\n        Hyvää huomenta\n", "      sv: Hej #du\n")
    file = parsed(f"{HEAD}messages:\n{text}    images:\n      - file: /a.png\n")
    assert sorted(codes(file)) == ["at", "lost-text", "missing-alt", "path"]
    text = MORNING.replace("08:00", "8am").replace("      fi: |\n        Hyvää huomenta\n", "      sv: Hej\n")
    assert (
        codes(parsed(f"{HEAD}messages:\n{text}")) == ["at", "missing-language", "unknown-language"]
        or codes(parsed(f"{HEAD}messages:\n{text}")) == ["missing-language", "at", "unknown-language"]
        or sorted(codes(parsed(f"{HEAD}messages:\n{text}")))
        == [
            "at",
            "missing-language",
            "unknown-language",
        ]
    )


def test_a_message_twice_is_the_fault_of_that_message_alone() -> None:
    file = parsed(f"{GOOD}{MORNING}")
    assert file.faulty == {"morning"} and file.campaign is not None
    assert [message.id for message in file.campaign.messages] == ["evening"]


def test_a_text_cut_short_at_its_anchor_is_cut_where_it_is_used() -> None:
    text = GOOD.replace("      en: |\n        Good morning\n", "      en: &hello Good #morning\n", 1)
    file = parsed(text.replace("      en: |\n        Good morning\n", "      en: *hello\n"))
    assert file.faulty == {"morning", "evening"}
    assert file.campaign is not None and file.campaign.messages == ()


def test_a_syntax_error_holds_everything_back() -> None:
    file = parsed(GOOD.replace("Migrants Day", "@IOM"))
    assert file.campaign is None and codes(file) == ["quote-needed"]


def test_warnings_hold_nothing_back() -> None:
    file = parsed(GOOD.replace("messages:", "hashtags: {se: [A]}\nmessages:"))
    assert file.campaign is not None and not file.has_errors
    assert [problem.severity for problem in file.problems] == [Severity.WARNING]


def test_places_are_those_of_the_values() -> None:
    file = parsed(GOOD.replace("      fi: |", "      pt-br: |").replace("fi]", "pt-BR]"))
    assert file.campaign is not None
    assert file.place("messages", "morning", "at") == Place("campaigns/day.yaml", 8, 9)
    assert file.place("messages", "morning", "text", "pt-BR") == Place("campaigns/day.yaml", 12, 7)
    assert file.place("messages", "morning", "images", 3) == Place("campaigns/day.yaml", 7, 3)
    assert file.place("nowhere") == Place("campaigns/day.yaml", 1, 1)


def test_in_one_language_texts_need_not_name_it() -> None:
    text = HEAD.replace("[en, fi]", "fi") + "messages:\n  a:\n    at: 08:00\n    text: Hei\n"
    text += "    thread:\n      - text: Lisää\n    variants:\n      x: {text: Moi}\n"
    file = parsed(text)
    assert file.problems == () and file.campaign is not None
    (message,) = file.campaign.messages
    assert message.thread is not None
    assert message.text == {"fi": "Hei"} and message.thread[0].text == {"fi": "Lisää"}
    assert message.variants[0][1].text == {"fi": "Moi"}


@pytest.mark.parametrize(
    ("alt", "code"),
    [
        ('""', None),
        ('{en: "", fi: ""}', None),
        ("{en: A, fi: B}", None),
        ("{en: A}", "missing-alt"),
        ('{en: A, fi: ""}', "missing-alt"),
        ("A lectern", "missing-alt"),
    ],
)
def test_alt_texts_stand_in_every_language_or_in_none(alt: str, code: str | None) -> None:
    file = parsed(f"{GOOD}    images: [{{file: a.png, alt: {alt}}}]\n")
    assert codes(file) == ([code] if code else [])


def test_the_observance_is_looked_up_where_there_is_a_catalogue() -> None:
    text = GOOD.replace("18 December", "migrant-day")
    assert parsed(text).campaign is not None
    file = parse_campaign(
        text.encode(), id="day", path=Path("/c/day.yaml"), shown_as="day.yaml", catalogue=Catalogue.load()
    )
    assert file.campaign is None and codes(file) == ["observance"]
    assert file.problems[0].place == Place("day.yaml", 2, 13)


@pytest.mark.parametrize("value", ["", "[a]", "{type: }", "{type: !x y}", "# nothing", "{}"])
def test_an_observance_that_is_no_day_is_reported_once_or_more_and_holds_the_campaign_back(value: str) -> None:
    text = GOOD.replace("18 December", value)
    file = parse_campaign(text.encode(), id="day", path=Path("/c/day.yaml"), shown_as="d", catalogue=Catalogue.load())
    assert file.campaign is None and file.problems and file.faulty == frozenset()


def test_a_reference_to_what_is_broken_in_a_message_does_not_hide_in_the_observance() -> None:
    text = f"{HEAD}messages:\n{MORNING}    warning: &w !x War\n".replace("18 December", "{type: fixed, month: *w}")
    file = parsed(text)
    assert file.campaign is None
    moved = f"messages:\n{MORNING}    card: {{title: &w !x A}}\n{HEAD}".replace(
        "18 December", "{type: fixed, month: *w}"
    )
    assert parsed(moved).campaign is None


def test_editions_may_have_nothing_below_their_year() -> None:
    file = parsed(GOOD.replace("[2026]", "\n  2026:\n  every year:"))
    assert file.campaign is not None and list(file.campaign.editions) == ["2026", "every year"]


def test_words_of_an_edition_may_be_called_as_the_model_calls_them() -> None:
    file = parsed(GOOD.replace("[2026]", "{2026: {words: {en: A, fi: B}}}"))
    assert file.campaign is not None
    assert file.campaign.editions["2026"].words == {"words": {"en": "A", "fi": "B"}}


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)


def test_a_folder_is_read_in_order_without_what_lies_there_by_accident(tmp_path: Path) -> None:
    write(tmp_path, b=GOOD, a=GOOD)
    (tmp_path / "c.yml").write_text(GOOD)
    for name in (".hidden.yaml", "~a.yaml", "a.yaml~", "._a.yaml", "a.sync-conflict-2026.yaml", "notes.txt", "#a.yaml"):
        (tmp_path / name).write_text("broken: [")
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "d.yaml").write_text("broken: [")
    files = CampaignReader(folder=tmp_path.parent, catalogue=None).read([tmp_path])
    assert [file.shown_as for file in files] == [f"{tmp_path.name}/{name}" for name in ("a.yaml", "b.yaml", "c.yml")]
    assert not any(file.problems for file in files)


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    write(tmp_path, a=GOOD)
    files = CampaignReader(folder=tmp_path, catalogue=None).read([tmp_path, tmp_path / "a.yaml"])
    assert [file.id for file in files] == ["a"]


def test_two_files_of_one_name_hold_the_second_back(tmp_path: Path) -> None:
    write(tmp_path, a=GOOD)
    (tmp_path / "a.yml").write_text(GOOD)
    first, second = CampaignReader(folder=tmp_path, catalogue=None).read([tmp_path])
    assert first.campaign is not None and second.campaign is None
    assert codes(second) == ["duplicate-campaign"]


@pytest.mark.parametrize("name", ["migrants-day (1)", "migrants-day copy", "Kopio - migrants-day"])
def test_a_copy_that_a_name_gives_away_is_called_a_copy(tmp_path: Path, name: str) -> None:
    for stem in ("migrants-day", name):
        (tmp_path / f"{stem}.yaml").write_text(GOOD, "utf-8")
    found = {file.id: file for file in CampaignReader(folder=tmp_path, catalogue=None).read([Path()])}
    assert codes(found["migrants-day"]) == []
    (problem,) = found[name].problems
    assert (problem.code, problem.message.split(",")[0]) == ("id", "this is a copy of migrants-day.yaml")
    assert problem.help.startswith("Delete it; or write its own days and texts")


def test_what_is_no_readable_file_is_a_problem_and_stops_no_other(tmp_path: Path) -> None:
    write(tmp_path, z=GOOD)
    (tmp_path / "a.yaml").mkdir()
    (tmp_path / "b.yaml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "c.yaml").symlink_to(tmp_path / "c.yaml")
    files = CampaignReader(folder=tmp_path, catalogue=None).read([tmp_path, tmp_path / "d.yaml"])
    found = {file.id: codes(file) for file in files}
    assert found == {"a": ["not-a-file"], "b": ["not-found"], "c": ["unreadable"], "z": [], "d": ["not-found"]}
    assert [file.id for file in files if file.campaign is not None] == ["z"]


def test_a_path_that_is_no_path_at_all_is_a_problem(tmp_path: Path) -> None:
    write(tmp_path, z=GOOD)
    files = CampaignReader(folder=tmp_path, catalogue=None).read([Path("x" * 300), tmp_path])
    assert [(file.id, codes(file)) for file in files] == [("x" * 300, ["unreadable"]), ("z", [])]


def test_what_may_not_be_read_is_a_problem_for_everybody_but_root(tmp_path: Path) -> None:
    """In a process of its own that gives up root's rights, where it has them."""
    write(tmp_path, a=GOOD)
    (tmp_path / "a.yaml").chmod(0)
    (tmp_path / "closed").mkdir(mode=0)
    script = textwrap.dedent("""
        import os, sys
        from pathlib import Path
        from campaigner.loading.campaign_loader import CampaignReader
        if os.geteuid() == 0:
            os.setgid(65534); os.setuid(65534)
        folder = Path(sys.argv[1])
        for file in CampaignReader(folder=folder, catalogue=None).read([folder, folder / "closed"]):
            print(file.id, *(problem.code for problem in file.problems))
    """)
    for above in (tmp_path, *tmp_path.parents):
        if (
            above.stat().st_uid == os.geteuid()
            and above.is_relative_to(tempfile.gettempdir())
            and above.stat().st_mode & 0o055 != 0o055
        ):
            above.chmod(0o755)
    result = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, timeout=60)
    assert result.stdout.split("\n")[:2] == ["a unreadable", "closed unreadable"], result.stderr[-1000:]


def test_a_file_name_that_is_no_id(tmp_path: Path) -> None:
    (tmp_path / "Migrants Day.yaml").write_text(GOOD)
    (file,) = CampaignReader(folder=tmp_path, catalogue=None).read([tmp_path])
    assert file.campaign is None and codes(file) == ["id"]


def test_only_changed_bytes_are_parsed_again(tmp_path: Path) -> None:
    write(tmp_path, a=GOOD, b=GOOD)
    reader = CampaignReader(folder=tmp_path, catalogue=None)
    first = reader.read([tmp_path])
    write(tmp_path, b=GOOD.replace("08:00", "09:00"))
    second = reader.read([tmp_path])
    assert second[0] is first[0]
    assert second[1].campaign is not None and second[1].campaign.messages[0].at.time == time(9)


def test_a_vanished_file_is_left_out_and_read_when_it_is_back(tmp_path: Path) -> None:
    write(tmp_path, a=GOOD)
    reader = CampaignReader(folder=tmp_path, catalogue=None)
    reader.read([tmp_path])
    (tmp_path / "a.yaml").unlink()
    assert reader.read([tmp_path]) == ()
    write(tmp_path, a=GOOD)
    assert len(reader.read([tmp_path])) == 1


def test_rendering_names_message_language_and_account() -> None:
    problem = Problem(
        place=Place("campaigns/world-refugee-day.yaml", 14, 9),
        code="text-too-long",
        message="text is 291 long on x, the limit is 280",
        help="Shorten by 11, or give a variant for x.",
        message_id="evening",
        language="fi",
        account="iom-finland-x",
    )
    assert render(problem) == (
        "campaigns/world-refugee-day.yaml:14:9: error: text is 291 long on x, the limit is 280 [text-too-long]\n"
        '    message "evening", language fi, account iom-finland-x. Shorten by 11, or give a variant for x.'
    )


def test_rendering_without_help_is_one_line() -> None:
    problem = Problem(place=Place("a.yaml"), code="b", message="two\nlines", severity=Severity.NOTE)
    assert render(problem) == "a.yaml:1:1: note: two lines [b]"
