"""The documentation is true: commands and options exist, examples pass, codes and exit codes are complete, links lead somewhere."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import textwrap
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml

from campaigner.errors import ExitCode
from campaigner.plan.suppressions import ALLOWABLE, IN_TEXTS

from ..forked import AS_STARTED, run_forked
from .codes import codes_in_source
from .pages import PAGES, ROOT, blocks_of, name_of, prose_of
from .transcripts import exchanges_of, is_played, written_anew

REFERENCE = ROOT / "docs" / "reference"
ASSIGNMENT = re.compile(r"[A-Z_]+=\S*")
WITH_CHILDREN = ("accounts", "ledger")
COMPLETE = re.compile(r"# campaigns/([a-z0-9-]+\.yaml)\n")


def _campaigner(*arguments: str, folder: Path = ROOT, columns: int = 80) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "NO_COLOR": "1", "COLUMNS": str(columns), **AS_STARTED}
    return run_forked(arguments, folder=folder, environment=environment)


@cache
def _help(*command: str) -> str:
    done = _campaigner(*command, "--help", columns=200)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _listed(help_text: str) -> set[str]:
    _, _, commands = help_text.partition("Commands:\n")
    return set(re.findall(r"^  ([a-z-]+)  ", commands, re.MULTILINE))


def _options(help_text: str) -> set[str]:
    lines = re.findall(r"^  (-.*)$", help_text, re.MULTILINE)
    return {option for line in lines for option in re.findall(r"(?<![\w-])--?[a-z][a-z-]*", line.split("  ")[0])}


@cache
def _all_commands() -> frozenset[tuple[str, ...]]:
    top = _listed(_help())
    below = {(name, child) for name in WITH_CHILDREN for child in _listed(_help(name))}
    return frozenset({(name,) for name in top} | below)


def _written(line: str) -> list[str] | None:
    """The words after `campaigner` of one shell line, None when it is no call of it."""
    words = shlex.split(line.removeprefix("$ ").removeprefix("# "), comments=True)
    while words and (ASSIGNMENT.fullmatch(words[0]) or words[0] == "cd"):
        words = words[words.index("&&") + 1 :] if words[0] == "cd" and "&&" in words else words[1:]
    if not words or Path(words[0]).name != "campaigner" or words[0].endswith("/"):
        return None
    return words[1:]


def _calls(page: Path) -> list[str]:
    """Every call of campaigner: lines after a prompt, crontab lines, and commands between backticks."""
    found = []
    for language, _, text in blocks_of(page):
        joined = text.replace("\\\n", " ")
        if language == "console":
            found += [part for line in joined.splitlines() if line[:2] in ("$ ", "# ") for part in line[2:].split("&&")]
        if language == "cron":
            found += [line.partition("&&")[2] for line in joined.splitlines()]
    prose = prose_of(page)
    found += re.findall(r"`(campaigner [^`]+)`", prose)
    return [line.strip() for line in found if "campaigner" in line]


def _all_calls() -> list[tuple[str, str]]:
    return [(name_of(page), call) for page in PAGES for call in _calls(page) if _written(_plain(call)) is not None]


def _plain(call: str) -> str:
    """A call as one would type it: the brackets of a syntax line are no words."""
    return call.replace("\\|", "|").replace("…", "")


@pytest.mark.parametrize(("page", "call"), _all_calls())
def test_every_command_and_option_in_the_documentation_exists(page: str, call: str) -> None:
    words = _written(_plain(call))
    assert words is not None
    while words and words[0].startswith("-"):
        assert words[0] in _options(_help()), f"{page}: {call}"
        words = words[2:] if words[0] == "--config" else words[1:]
    if not words:
        return
    command = tuple(words[:2]) if tuple(words[:2]) in _all_commands() else (words[0],)
    assert command in _all_commands(), f"{page}: there is no command {words[0]}: {call}"
    known = _options(_help(*command))
    given = [word.split("=")[0] for word in words if re.match(r"--?[a-z]", word)]
    assert set(given) <= known, f"{page}: {call}"


def test_the_help_of_every_command_is_whole_at_80_columns() -> None:
    for command in sorted(_all_commands()):
        help_text = _campaigner(*command, "--help").stdout
        assert all(len(line) <= 80 for line in help_text.splitlines()), command
        assert not re.search(r"[<>{}…]|\[\[|\w\.\.\.$", help_text, re.MULTILINE), (command, help_text)
        rows = re.findall(r"^  (\S.*)$", help_text.partition("Options:\n")[2], re.MULTILINE)
        assert all(re.search(r"\S  +\S", row) for row in rows), f"an option without help: {command}: {rows}"


def test_documentation_names_calls_at_all() -> None:
    assert len(_all_calls()) > 60


def test_every_command_and_every_option_is_in_the_reference() -> None:
    page = (REFERENCE / "command-line.md").read_text("utf-8")
    for command in sorted(_all_commands()):
        assert f"campaigner {' '.join(command)}" in page, command
        missing = {
            option for option in _options(_help(*command)) if option.startswith("--") and f"{option}" not in page
        }
        assert not missing, (command, missing)
    assert not {option for option in _options(_help()) if option not in page}


def _complete_campaigns() -> list[tuple[str, str, str]]:
    return [
        (name_of(page), found[1], text)
        for page in PAGES
        for language, _, text in blocks_of(page)
        if language == "yaml" and (found := COMPLETE.match(text))
    ]


@pytest.mark.parametrize(("page", "name", "text"), _complete_campaigns())
def test_a_complete_campaign_of_the_documentation_has_no_problems(
    tmp_path: Path, page: str, name: str, text: str
) -> None:
    (tmp_path / "campaigns").mkdir()
    (tmp_path / "campaigns" / name).write_text(text, "utf-8")
    (tmp_path / "config.yaml").write_bytes((ROOT / "config.example.yaml").read_bytes())
    done = _campaigner("check", "--format", "json", folder=tmp_path)
    # The pages show days that are over by the clock of whoever runs this.
    assert [found["message"] for found in json.loads(done.stdout) if found["code"] != "all-past"] == [], page


def test_there_are_complete_campaigns_on_the_pages_that_people_read_first() -> None:
    assert {"README.md", "docs/tutorial/first-campaign.md"} <= {page for page, _, _ in _complete_campaigns()}


def _folder_with(page: str, folder: Path) -> Path:
    """A working folder with the page's complete campaign, and the example config."""
    ((name, text),) = [(name, text) for found, name, text in _complete_campaigns() if found == page]
    (folder / "campaigns").mkdir()
    (folder / "campaigns" / name).write_text(text, "utf-8")
    (folder / "config.yaml").write_bytes((ROOT / "config.example.yaml").read_bytes())
    return folder


SHOWING = [page for page in PAGES if any(is_played(block) for block in blocks_of(page))]


@pytest.mark.parametrize("page", SHOWING, ids=name_of)
def test_what_a_page_shows_is_what_is_printed(page: Path) -> None:
    assert written_anew(page) == page.read_text("utf-8"), "python -m tests.docs.transcripts writes it anew"


def test_everything_that_a_page_shows_is_played() -> None:
    for page in PAGES:
        for block in blocks_of(page):
            if block.language == "console" and not is_played(block):
                shown = [one.typed for one in exchanges_of(block) if _written(one.typed) is not None and any(one.shown)]
                assert not shown, (name_of(page), shown)


def test_every_command_is_shown_at_work() -> None:
    shown = set()
    for page in SHOWING:
        for block in filter(is_played, blocks_of(page)):
            for one in exchanges_of(block):
                words = _written(one.typed) if any(one.shown) else None
                shown |= {tuple(words[:1]), tuple(words[:2])} if words else set()
    assert not _all_commands() - shown


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def test_what_is_tried_without_an_account_does_what_the_page_says(tmp_path: Path) -> None:
    """Every command of the page in one shell, in order, the config written when its turn comes; each must end well."""
    script = ["set -e", "trap 'kill $(jobs -p) 2>&-' EXIT"]
    for language, _, text in blocks_of(ROOT / "docs" / "how-to" / "try-without-an-account.md"):
        script += [f"cat > config.yaml <<'END'\n{text}END"] if language == "yaml" else []
        for line in text.splitlines() if language == "console" else []:
            script.append(re.sub(r"^python=.*", f"python={shlex.quote(sys.executable)}", line.removeprefix("$ ")))
            if started := re.search(r"--port (\d+) &$", line):
                script.append(f"curl -s --retry 9 --retry-connrefused -o up http://127.0.0.1:{started[1]}/_journal")
    ports = {port: str(_free_port()) for port in ("8901", "8902", "8903")}
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "NO_COLOR": "1",
        "HOME": str(tmp_path),
    }
    done = subprocess.run(
        ["bash", "-c", re.sub("890[123]", lambda found: ports[found[0]], "\n".join(script))],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, (done.stdout, done.stderr)
    published = re.findall(r"^published [^/]*/2020/(\S+) ", done.stdout, re.MULTILINE)
    once = [
        f"{message}/trial-{account}/{language}"
        for message in ("good-morning", "theme")
        for account in ("mastodon", "bluesky", "x")
        for language in ("en", "fi")
    ]
    assert sorted(published) == sorted([*once, "theme/trial-mastodon/fi"])
    assert "theme/trial-x/en  published\n" in done.stdout
    assert not (tmp_path / "trial").exists()


def _codes_on_the_page() -> list[str]:
    page = (REFERENCE / "problems.md").read_text("utf-8")
    return re.findall(r"^\| \[?`([a-z-]+)`(?:\]\([^)]*\))? \|", page, re.MULTILINE)


def test_every_problem_code_is_explained_once_and_no_other() -> None:
    explained = _codes_on_the_page()
    assert sorted(explained) == sorted(codes_in_source())


def test_every_code_of_the_broken_files_is_explained() -> None:
    expected = (ROOT / "tests" / "invalid").glob("*.expected")
    shown = {code for path in expected for code in re.findall(r"\[([a-z-]+)\]$", path.read_text("utf-8"), re.MULTILINE)}
    assert len(shown) > 30
    assert shown <= set(_codes_on_the_page())


def test_the_table_of_exit_codes_is_that_of_the_program() -> None:
    page = (REFERENCE / "command-line.md").read_text("utf-8")
    table = {name: int(code) for code, name in re.findall(r"^\| (\d+) \| `([A-Z]+)` \|", page, re.MULTILINE)}
    assert table == {code.name: code.value for code in ExitCode}


def test_every_platform_option_is_in_the_reference() -> None:
    from campaigner.platforms import table

    page = (REFERENCE / "platforms.md").read_text("utf-8")
    config = (REFERENCE / "config.md").read_text("utf-8")
    for name in table.BUILT_IN:
        assert f"## {name}\n" in page
        for option in table.option_models()[name].model_fields:
            assert f"`{option}`" in page
            assert f"`{option}`" in config


def test_every_kind_of_rule_is_in_the_reference() -> None:
    from campaigner.observance.rule_parser import KINDS

    page = (REFERENCE / "observances.md").read_text("utf-8")
    assert set(re.findall(r"^\| `([a-z_]+)` \|", page, re.MULTILINE)) == set(KINDS)


def test_every_key_of_the_files_is_in_the_reference() -> None:
    from campaigner.campaign.campaign import Campaign, Message
    from campaigner.campaign.config import AccountConfig, Config

    for keys, name in ((Campaign.keys + Message.keys, "campaign-file"), (Config.keys + AccountConfig.keys, "config")):
        page = (REFERENCE / f"{name}.md").read_text("utf-8")
        assert not [key for key in keys if f"`{key}`" not in page], name


def _anchors(page: Path) -> set[str]:
    text = prose_of(page)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_inside_the_project_leads_somewhere(page: Path) -> None:
    text = prose_of(page)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = unquote(target).partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), f"{name_of(page)}: {target}"
        if anchor and found.suffix == ".md":
            assert anchor in _anchors(found), f"{name_of(page)}: {target}"


def test_every_page_can_be_reached_from_the_readme() -> None:
    seen: set[Path] = set()
    ahead = [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        if page in seen or not page.is_file() or page.suffix != ".md":
            continue
        seen.add(page)
        targets = re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8"))
        ahead += [(page.parent / target).resolve() for target in targets if not re.match(r"[a-z]+:", target)]
    assert not [name_of(page) for page in PAGES if page not in seen]


def test_the_pre_commit_hook_runs_and_minds_the_files_that_matter(tmp_path: Path) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert hook["entry"].split()[0] == "campaigner"
    for name in ("config.yaml", "campaigns/day.yaml", "desk/campaigns/day.yml", "observances.yaml"):
        assert re.search(hook["files"], name), name
    assert not re.search(hook["files"], "docs/notes.yaml")
    folder = _folder_with("README.md", tmp_path)
    assert _campaigner(*hook["entry"].split()[1:], folder=folder).returncode == ExitCode.DONE


LINT = sorted((REFERENCE / "lint").glob("*.md"))
HEAD = """\
campaign: {en: International Migrants Day, fi: Kansainvälinen siirtolaisten päivä}
observance: international-migrants-day
editions: [2027]
languages: [en, fi]
accounts: all
hashtags: [MigrantsDay]
"""
OF_OTHER_PLATFORMS = {"tag-script", "tags-many"}
WITHOUT_EXAMPLE = OF_OTHER_PLATFORMS | {"alt-long", "quiet-hours", "too-many-posts"}


def test_every_code_that_texts_have_has_a_page() -> None:
    pages = {page.stem for page in LINT}
    assert pages >= IN_TEXTS
    assert pages <= ALLOWABLE
    assert pages >= {"same-text", "same-minute", "too-many-posts", "quiet-hours"}


@pytest.mark.parametrize("page", LINT, ids=lambda page: page.stem)
def test_the_example_of_a_lint_page_has_that_problem_alone_and_its_mend_has_none(page: Path, tmp_path: Path) -> None:
    snippets = [text for language, _, text in blocks_of(page) if language == "yaml" and not text.startswith("allow:")]
    if page.stem in WITHOUT_EXAMPLE:
        assert snippets == []
        return
    wrong, right = snippets
    found = _checked(wrong, tmp_path)
    assert {problem["code"] for problem in found} == {page.stem}
    shown = [f"{one['severity']}: {one['message']} [{one['code']}]\n    {one['help']}" for one in found]
    assert any(lines in page.read_text("utf-8") for lines in shown)
    assert _checked(right, tmp_path) == []
    # What was not translated is the same text twice on one account, too, and a platform may refuse it.
    if not wrong.startswith("messages:") and page.stem != "untranslated":
        assert _checked(f'allow: {{{page.stem}: "it is meant so"}}\n{wrong}', tmp_path) == []


def _checked(snippet: str, folder: Path) -> list[dict[str, str]]:
    """What `check` says of a message, or of messages."""
    (folder / "campaigns" / "images").mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "campaigns" / "images" / "migrants-day-en.png", folder / "campaigns" / "images" / "card.png")
    shutil.copy(ROOT / "config.example.yaml", folder / "config.yaml")
    if not snippet.startswith("messages:"):
        snippet = "messages:\n  day:\n    at: 09:00\n" + textwrap.indent(snippet, "    ")
    (folder / "campaigns" / "day.yaml").write_text(HEAD + snippet, "utf-8")
    found: list[dict[str, str]] = json.loads(_campaigner("check", "--format", "json", folder=folder).stdout)
    return found
