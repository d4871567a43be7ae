"""Where the commands of the documentation are typed: a folder, a clock, fakes of the platforms, and what was done before."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from campaigner.clock import FastClock, parse_clock
from campaigner.fakes import fake
from campaigner.fakes.base import FakePlatform

from .terminal import on_terminal

COMMAND = Path(sys.executable).parent / "campaigner"
HOME = "/home/press"
"""Where the folders of the pages lie; those of the tests have paths of the same length, for lines break by length."""
COLUMNS = 80
SHELL = """\
. "$EXPORTED"
cd "$PWD"
{line}
export -p | grep -v CAMPAIGNER_CLOCK > "$EXPORTED"
pwd > "$EXPORTED.pwd"
"""


class Scene(NamedTuple):
    """`files` by name, over those that `init` makes in `folder`; without a folder nothing is there.

    `fakes`: the address that the pages give to the fake of a platform; `called`: what else has another name there.
    `before`: what was typed until then, each with its clock; `then` is what no command does.
    """

    folder: str = ""
    files: Mapping[str, str] = {}
    fakes: Mapping[str, str] = {}
    account: str = "campaigner"
    called: Mapping[str, str] = {}
    before: tuple[tuple[str, str], ...] = ()
    then: Callable[[Path, Mapping[str, FakePlatform]], object] | None = None


class PageClock:
    """The clock of the fakes: that of the command that is typed."""

    is_real = False

    def __init__(self) -> None:
        self.of_command = FastClock(datetime.fromisoformat("2020-12-18T07:00+02:00"))

    def now(self) -> datetime:
        return self.of_command.now()

    def wait_until(self, instant: datetime, wake: threading.Event | None = None) -> None:
        self.of_command.wait_until(instant, wake)

    def real_instant(self, instant: datetime) -> datetime:
        return self.of_command.real_instant(instant)


class Stage:
    """A scene that is being played. `addresses`: ours, and what the pages say instead."""

    def __init__(self, folder: Path, *, clock: PageClock, addresses: Mapping[str, str]) -> None:
        self.folder, self.environment = folder, dict[str, str]()
        self._clock, self._addresses = clock, addresses

    def write(self, name: str, text: str) -> None:
        where = Path(f"{self.environment['EXPORTED']}.pwd")
        path = (Path(where.read_text("utf-8").strip()) if where.exists() else self.folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._here(text), "utf-8")

    def type(self, line: str, clock: str, interrupted_after: int | None = None) -> str:
        """What a line answers. `clock`: the time in Helsinki's winter, and perhaps a comma and a speed."""
        start, _, speed = clock.partition(",")
        set_to = f"{start}+02:00,{speed or 1}"
        self._clock.of_command = parse_clock(set_to)
        shown, _ = on_terminal(
            ["bash", "-c", SHELL.format(line=self._here(line))],
            folder=self.folder,
            environment={**self.environment, "CAMPAIGNER_CLOCK": set_to},
            columns=COLUMNS,
            interrupted_after=interrupted_after,
        )
        return self._there(shown)

    def _here(self, text: str) -> str:
        for ours, pages in self._addresses.items():
            text = text.replace(pages, ours)
        return text

    def _there(self, text: str) -> str:
        for ours, pages in self._addresses.items():
            text = text.replace(ours, pages)
        return text


@contextmanager
def stage(name: str) -> Iterator[Stage]:
    """A scene as it is before a page's first command."""
    scene = SCENES[name]
    # Lines break by length: what stands for /home/press is as long.
    home = Path(f"/tmp/{secrets.token_hex(3)}")
    home.mkdir(0o700)
    with ExitStack() as ending:
        ending.callback(shutil.rmtree, home)
        clock = PageClock()
        fakes = {
            platform: ending.enter_context(fake(platform, accounts=[scene.account], clock=clock, port=_short_port()))
            for platform in scene.fakes
        }
        addresses = {str(home): HOME, **scene.called}
        for platform, address in scene.fakes.items():
            addresses[fakes[platform].url] = address
            addresses[fakes[platform].url.partition("//")[2]] = address.partition("//")[2]
        yield _set(scene, home, Stage(home / scene.folder, clock=clock, addresses=addresses), fakes)


def _short_port() -> int:
    """A free port of four digits, as the pages have."""
    while True:
        with socket.socket() as tried, suppress(OSError):
            tried.bind(("127.0.0.1", 1024 + secrets.randbelow(8000)))
            return int(tried.getsockname()[1])


def _set(scene: Scene, home: Path, at: Stage, fakes: Mapping[str, FakePlatform]) -> Stage:
    exported = home / ".exported"
    exported.touch()
    at.environment.update(
        PATH=f"{COMMAND.parent}:{os.environ['PATH']}",
        HOME=str(home),
        LOGNAME="press",
        NO_COLOR="1",
        PWD=str(at.folder),
        EXPORTED=str(exported),
    )
    for platform, one in fakes.items():
        secret = {name: value for name, value in one.options(scene.account).items() if name != "server"}
        at.environment.update({f"{platform}_{name}".upper(): value for name, value in secret.items()})
    if scene.folder:
        subprocess.run([COMMAND, "init", at.folder], check=True, capture_output=True)
    for name, text in scene.files.items():
        at.write(name, text)
    for clock, line in scene.before:
        at.type(line, clock)
    if scene.then:
        scene.then(at.folder, fakes)
    return at


TRIAL = """\
timezone: Europe/Helsinki
accounts:
  trial-mastodon:
    platform: mastodon
    server: http://127.0.0.1:8901
    access_token: env:MASTODON_ACCESS_TOKEN
    languages: [en, fi]
    spacing: 0s
  trial-x:
    platform: x
    server: http://127.0.0.1:8903
    api_key: env:X_API_KEY
    api_secret: env:X_API_SECRET
    access_token: env:X_ACCESS_TOKEN
    access_token_secret: env:X_ACCESS_TOKEN_SECRET
    languages: [en, fi]
    spacing: 0s
"""
OFFICE = """\
timezone: Europe/Helsinki
accounts:
  iom-finland-mastodon:
    platform: mastodon
    server: https://mastodon.social
    access_token: env:MASTODON_ACCESS_TOKEN
    languages: [en, fi]
    spacing: 0s
  iom-finland-bluesky:
    platform: bluesky
    server: https://bsky.social
    handle: iomfinland.bsky.social
    app_password: env:BLUESKY_APP_PASSWORD
    languages: [en, fi]
    spacing: 0s
"""
ON_X = """\
timezone: Europe/Helsinki
accounts:
  iom-x:
    platform: x
    server: https://api.x.com
    api_key: env:X_API_KEY
    api_secret: env:X_API_SECRET
    access_token: env:X_ACCESS_TOKEN
    access_token_secret: env:X_ACCESS_TOKEN_SECRET
    languages: [en]
"""
GOOD_MORNING = "Good morning! Today is the Day of Education. Everybody has a right to learn."
EDUCATION_DAY_IN_ENGLISH = f"""\
campaign: International Day of Education
observance: 2027-01-24
editions: [2027]
languages: [en]
accounts: all
messages:
  good-morning:
    at: 09:00
    text:
      en: |
        {GOOD_MORNING}
"""
IN_FINNISH = """\
      fi: |
        Hyvää huomenta! Tänään vietetään koulutuksen päivää. Oppiminen on jokaisen oikeus.
"""
EDUCATION_DAY = EDUCATION_DAY_IN_ENGLISH.replace("[en]", "[en, fi]") + IN_FINNISH
EXAMPLE = "campaigns/international-migrants-day.yaml"


READ = ("2027-01-24T08:50:05,5", f"rm {EXAMPLE} && campaigner run --once")
"""The day is read in time."""
BUSY = '{"fault": "rate_limit", "method": "POST", "path_prefix": "/xrpc/com.atproto.repo"}'
LOST = '{"fault": "status", "status": 502, "method": "POST", "path_prefix": "/2/tweets"}'


def _come_late(_: Path, fakes: Mapping[str, FakePlatform]) -> None:
    """The post whose answer was lost is there after all, and one that somebody posted by hand."""
    fakes["x"].commit(account="IOMFinland", id="2124796212363132000", text="Our office is closed")
    fakes["x"].commit(account="IOMFinland", id="2124796212363132931", text=GOOD_MORNING)


def _of_an_earlier_release(folder: Path, _: Mapping[str, FakePlatform]) -> None:
    (folder / "state").mkdir(mode=0o700)
    with closing(sqlite3.connect(folder / "state/campaigner.db")) as connection:
        connection.executescript((Path(__file__).parents[1] / "data/ledger-0005.sql").read_text("utf-8"))


def _damage(folder: Path, _: Mapping[str, FakePlatform]) -> None:
    with closing(sqlite3.connect(folder / "state/campaigner.db")) as connection, connection:
        changed = connection.execute("UPDATE deliveries SET due_at = 'x' WHERE key LIKE '%/iom-finland-bluesky/en'")
        assert changed.rowcount == 1


AT_ONCE = ("2027-01-24T03:00", "sed -i 's/^    languages.*/&\\n    spacing: 0s/' config.yaml")
ON_A_DESK = Scene("migrants-day", files={"campaigns/education-day.yaml": EDUCATION_DAY}, before=(AT_ONCE, READ))
IN_AN_OFFICE = Scene(
    "migrants-day",
    files={"config.yaml": OFFICE, "campaigns/education-day.yaml": EDUCATION_DAY},
    fakes={"mastodon": "https://mastodon.social", "bluesky": "https://bsky.social"},
    account="iomfinland",
    called={"iomfinland.test": "iomfinland.bsky.social"},
)
ON_TRIAL = Scene(
    "migrants-day",
    files={"config.yaml": TRIAL},
    fakes={"mastodon": "http://127.0.0.1:8901", "x": "http://127.0.0.1:8903"},
)
ON_X_ALONE = Scene(
    "migrants-day",
    files={"config.yaml": ON_X, "campaigns/education-day.yaml": EDUCATION_DAY_IN_ENGLISH},
    fakes={"x": "https://api.x.com"},
    account="IOMFinland",
)
NOON = """\
campaign: Day of {0}
observance: international-migrants-day
editions: [2020]
languages: [en]
accounts: all
messages:
  noon:
    at: 12:00
    text:
      en: |
        Good day. This is the day of {0}.
"""
NEWS = "timezone: Europe/Helsinki\naccounts:\n  news: {platform: console, languages: [en], spacing: 0s}\n"
EVENTFUL = (
    ("2020-12-18T07:50:05,5", f"rm {EXAMPLE} && campaigner run --once"),
    ("2020-12-18T11:30:05,5", "sed -i 's/Good day. //' campaigns/edited.yaml && campaigner run --once"),
    ("2020-12-18T11:40:05,5", "mv campaigns/named.yaml campaigns/renamed.yaml && campaigner run --once"),
    ("2020-12-18T11:50:05,5", "sed -i 's/: .en.$/: [en/' campaigns/broken.yaml && campaigner run --once"),
    ("2020-12-18T11:55:05,5", "sed -i 's/at: 12/at: -1d 12/' campaigns/slip.yaml && campaigner run --once"),
    ("2020-12-18T12:00:05", "campaigner run --once"),
)
SCENES = {
    "eventful": Scene(
        "migrants-day",
        files={
            "config.yaml": NEWS,
            **{f"campaigns/{name}.yaml": NOON.format(name) for name in ("edited", "named", "broken", "slip")},
        },
        before=EVENTFUL,
    ),
    "newcomer": Scene(),
    "example": Scene("migrants-day"),
    "trial": ON_TRIAL,
    "four-eyes": ON_TRIAL._replace(files={"config.yaml": f"approval: required\n{TRIAL}"}),
    "mistyped": Scene(
        "migrants-day", {"campaigns/mistyped.yaml": EDUCATION_DAY.replace("2027-01-24", "world-refuge-day")}
    ),
    "office": IN_AN_OFFICE,
    "damaged": IN_AN_OFFICE._replace(
        before=(
            READ,
            ("2027-01-24T08:50:05", f"curl -s https://bsky.social/_faults -d '{BUSY}'"),
            ("2027-01-24T09:00:05", "campaigner run --once"),
        ),
        then=_damage,
    ),
    "office-on-x": ON_X_ALONE._replace(files={"config.yaml": ON_X.replace("iom-x", "iom-finland-x")}),
    "doubt": ON_X_ALONE._replace(
        before=(
            READ,
            ("2027-01-24T08:50:05", f"curl -s https://api.x.com/_faults -d '{LOST}'"),
            ("2027-01-24T09:00:05", "campaigner run --once"),
            ("2027-01-24T09:03:05", "campaigner run --once"),
        ),
        then=_come_late,
    ),
    "desk": ON_A_DESK,
    "held": ON_A_DESK._replace(
        before=(AT_ONCE, READ, ("2027-01-24T08:55", "campaigner hold --reason 'earthquake in the region'"))
    ),
    "out": ON_A_DESK._replace(before=(AT_ONCE, READ, ("2027-01-24T09:00:05,5", "campaigner run --once"))),
    "backed-up": ON_A_DESK._replace(
        before=(
            AT_ONCE,
            ("2027-01-24T03:15:05,5", READ[1]),
            ("2027-01-24T03:16", "mkdir ~/backups && campaigner ledger backup ~/backups/sunday.db"),
            ("2027-01-24T09:00:05,5", "campaigner run --once"),
        )
    ),
    "old-ledger": ON_A_DESK._replace(before=(), then=_of_an_earlier_release),
    "misplaced": ON_A_DESK._replace(
        folder="Kampanja #1", before=(READ, ("2027-01-24T08:51", "mv state/campaigner.db '../Kampanja '"))
    ),
}
