"""People are told: each alert once at each URL, whoever sends it, with the command to type; and a heartbeat only while all is well."""

from __future__ import annotations

import json
import signal
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from typing import NamedTuple

import pytest

from campaigner.fakes.http_messages import Answer, Request
from campaigner.fakes.mastodon import FakeMastodon
from campaigner.fakes.x import FakeX

from .hostile import Journal, install
from .test_daemon import daemon
from .test_kill import kill, wait_for
from .workplace import Workplace, account, at, campaign, message

KEY = "migrants-day/2020/morning/news/en"
MORNING = {"morning": message("08:00", "Good morning", "Huomenta")}
DESK = {"desk": {"platform": "console", "like": "x", "languages": ["en"]}}
SECRET = "Vb7-hidden-place"


class Told(NamedTuple):
    """One message as it arrived."""

    kind: str
    text: str


class Sink(Journal):
    """A service that takes alerts and heartbeats; without `go_on` they wait for its answer."""

    def __init__(self) -> None:
        super().__init__()
        self.status = 200
        self.reached = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()

    def carry_out(self, request: Request) -> Answer:
        """Not one at a time: a request that waits holds up no other."""
        self.seen.append(request)
        self.reached.set()
        assert self.go_on.wait(60)
        return Answer(status=self.status)

    @property
    def told(self) -> list[Told]:
        found = [json.loads(request.body) for request in list(self.seen) if request.method == "POST"]
        return [Told(one["title"].removeprefix("campaigner: "), one["message"]) for one in found]

    @property
    def kinds(self) -> list[str]:
        return [told.kind for told in self.told]

    @property
    def beats(self) -> int:
        return sum(request.method == "GET" for request in list(self.seen))


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink
        sink.go_on.set()


@pytest.fixture
def other() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink
        sink.go_on.set()


def addresses(place: Workplace, *sinks: Sink) -> list[str]:
    """The `alerts` of a config that lead to these."""
    for number, sink in enumerate(sinks):
        place.environment[f"ALERTS_{number}"] = f"json://127.0.0.1:{sink.port}/{SECRET}-{number}"
    return [f"env:ALERTS_{number}" for number in range(len(sinks))]


def ready(place: Workplace, mastodon: FakeMastodon, *sinks: Sink) -> None:
    """One account with one post in English, due at 08:00 and accepted before."""
    place.speed = 1.0
    place.write_config({"news": account(mastodon, ["en"])}, alerts=addresses(place, *sinks))
    place.write("campaigns/migrants-day.yaml", campaign(MORNING))
    place.move_to(at("07:30:00"))
    place.accept()
    place.move_to(at("08:00:30"))


def run_twice_and_together(place: Workplace) -> None:
    """One run, one more, and two at once."""
    for _ in range(2):
        place.run("run", "--once")
    processes = [place.start_process("run", "--once") for _ in range(2)]
    for process in processes:
        assert "Traceback" not in process.communicate(timeout=60)[0]


def refused(place: Workplace, mastodon: FakeMastodon, *sinks: Sink) -> str:
    ready(place, mastodon, *sinks)
    mastodon.fault(
        "status",
        path_prefix="/api/v1/statuses",
        method="POST",
        status=422,
        body='{"error": "Validation failed: Text is too rude"}',
    )
    return f"campaigner retry {KEY}"


def missed(place: Workplace, mastodon: FakeMastodon, sink: Sink) -> str:
    ready(place, mastodon, sink)
    place.move_to(at("12:00:00"))
    return f"campaigner retry {KEY} --yes"


def account_refused(place: Workplace, mastodon: FakeMastodon, sink: Sink) -> str:
    ready(place, mastodon, sink)
    place.environment["NEWS_ACCESS_TOKEN"] = "revoked"
    return "campaigner accounts check news"


def file_broken(place: Workplace, mastodon: FakeMastodon, sink: Sink) -> str:
    ready(place, mastodon, sink)
    place.move_to(at("07:40:00"))
    place.write("campaigns/migrants-day.yaml", "campaign: [")
    return "campaigner check"


def held_by_a_gate(place: Workplace, mastodon: FakeMastodon, sink: Sink) -> str:
    """Its time had passed when it was first accepted."""
    place.speed = 1.0
    place.write_config({"news": account(mastodon, ["en"])}, alerts=addresses(place, sink))
    place.write("campaigns/migrants-day.yaml", campaign(MORNING))
    place.move_to(at("08:30:00"))
    return f"campaigner retry {KEY}"


def taken_out(place: Workplace, mastodon: FakeMastodon, sink: Sink) -> str:
    ready(place, mastodon, sink)
    place.move_to(at("07:40:00"))
    place.write("campaigns/migrants-day.yaml", campaign({"noon": message("12:00", "Good day", "Päivää")}))
    return "campaigner preview migrants-day"


Prepare = Callable[[Workplace, FakeMastodon, Sink], str]


@pytest.mark.parametrize(
    ("kind", "prepare", "words"),
    [
        ("failed", refused, "was refused: "),
        ("missed", missed, "nothing ran here since 2020-12-18 05:3"),
        ("account", account_refused, "account news is stopped, nothing is sent there: "),
        ("file", file_broken, "campaign migrants-day is held until its file is mended: "),
        ("held", held_by_a_gate, "is held: its time had passed"),
        ("removed", taken_out, "is no longer in the files"),
    ],
)
def test_each_kind_is_told_once_with_the_command_to_type(
    place: Workplace, mastodon: FakeMastodon, sink: Sink, kind: str, prepare: Prepare, words: str
) -> None:
    command = prepare(place, mastodon, sink)
    run_twice_and_together(place)
    (told,) = sink.told
    assert (told.kind, told.text.splitlines()[-1]) == (kind, command)
    assert words in told.text


def test_what_an_outage_cost_is_one_message_and_each_post_stays_there_to_be_acted_on(
    place: Workplace, mastodon: FakeMastodon, sink: Sink
) -> None:
    ready(place, mastodon, sink)
    messages = {
        f"m{number:02}": message(f"08:{number:02}", f"Text {number}", f"Teksti {number}") for number in range(20)
    }
    place.write("campaigns/migrants-day.yaml", campaign(messages))
    place.move_to(at("07:40:00"))
    assert place.run("run", "--once").returncode == 1
    sink.seen.clear()
    place.move_to(at("12:00:00"))
    run_twice_and_together(place)
    (told,) = sink.told
    lines = told.text.splitlines()
    assert (told.kind, lines[0]) == ("missed", "20 alerts of one kind, missed. The first 5:")
    keys = [f"migrants-day/2020/m{number:02}/news/en" for number in range(20)]
    assert [line.split()[0] for line in lines[1:-2]] == keys[:5]
    assert lines[-1] == "campaigner status --attention"
    shown = place.run("status", "--attention").stdout
    assert [key for key in keys if f"campaigner retry {key} --yes" in shown] == keys


def test_a_doubt_is_told_once(place: Workplace, sink: Sink) -> None:
    with FakeX() as x:
        place.speed = 1.0
        place.write_config({"news": account(x, ["en"])}, alerts=addresses(place, sink))
        place.write("campaigns/migrants-day.yaml", campaign(MORNING))
        place.move_to(at("07:30:00"))
        place.accept()
        place.move_to(at("08:00:30"))
        x.fault("drop_request", path_prefix="/2/tweets", method="POST")
        place.run("run", "--once")
        for _ in range(4):
            place.move_to(place.now() + timedelta(minutes=4))
            place.run("run", "--once")
        run_twice_and_together(place)
    (told,) = sink.told
    assert (told.kind, told.text.splitlines()[-1].startswith(f"campaigner resolve {KEY}")) == ("in-doubt", True)


def test_a_broken_config_is_told_once(place: Workplace, mastodon: FakeMastodon, sink: Sink) -> None:
    ready(place, mastodon, sink)
    place.move_to(at("07:40:00"))
    good = (place.folder / "config.yaml").read_text()
    with daemon(place):
        wait_for(lambda: bool(mastodon.requests))
        place.write("config.yaml", "accounts: {")
        wait_for(lambda: bool(sink.told))
    place.write("config.yaml", good)
    run_twice_and_together(place)
    (told,) = sink.told
    assert (told.kind, told.text.splitlines()[-1]) == ("file", "campaigner check")
    assert "the last good version goes on" in told.text


PLUG_IN = """
import os, time
from datetime import timedelta
from pathlib import Path
from campaigner.campaign.campaign import Model
from campaigner.platforms.base import Identity
from campaigner.platforms.console import Console
from campaigner.post.profile import Profile

class Options(Model):
    server: str

def hang(while_there):
    while Path(while_there).exists():
        time.sleep(0.05)

class Odd(Console):
    name = "odd"
    Options = Options

    @classmethod
    def profile_of(cls, options):
        hang("loop-hangs")
        return Profile(platform="odd", measure="plain", limit=500, unit="characters")

    def whoami(self):
        hang("asking-hangs")
        Path(f"asked-by-{os.getpid()}").touch()
        if Path("asking-raises").exists():
            raise RuntimeError(f"the library said: {os.environ['ALERTS_0']}")
        return Identity(id="odd:1", name="odd", expires_at=self.clock.now() + timedelta(days=3))
"""


@pytest.fixture
def odd(place: Workplace, sink: Sink, other: Sink, tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """An account of a plug-in, whose platform tells when its token ends; its post is due tomorrow. `other` has the beats."""
    installed = install(tmp_path_factory.mktemp("plug-in"), "odd_platform", PLUG_IN, "odd = odd_platform:Odd")
    place.environment |= {"PYTHONPATH": str(installed), "BEAT": f"{other.url}/beat"}
    place.speed = 1.0
    place.write_config(
        {"news": {"platform": "odd", "languages": ["en"], "server": "http://127.0.0.1:9"}},
        alerts=addresses(place, sink),
        heartbeat="env:BEAT",
    )
    place.write("campaigns/migrants-day.yaml", campaign(MORNING))
    place.move_to(at("12:00:00").replace(day=17))
    return place


def test_a_token_that_is_about_to_end_is_told_once(odd: Workplace, sink: Sink) -> None:
    with daemon(odd):
        wait_for(lambda: bool(sink.told))
    with daemon(odd):
        wait_for(lambda: len(list(odd.folder.glob("asked-by-*"))) == 2)
    run_twice_and_together(odd)
    (told,) = sink.told
    assert (told.kind, told.text.splitlines()[-1]) == ("token", "campaigner accounts check news")
    assert "ends on 2020-12-20" in told.text


def in_ledger(place: Workplace, query: str) -> bool:
    """True when a look into the ledger finds something."""
    with closing(sqlite3.connect(f"file:{place.folder}/state/campaigner.db?mode=ro", uri=True)) as ledger:
        return ledger.execute(query).fetchone() is not None


# Several processes, and their deaths.


def two_held(place: Workplace, *sinks: Sink) -> None:
    """Two posts are held, and nobody was told of them: there were no URLs. Now there are."""
    place.speed = 1.0
    place.write_config({**DESK, "more": DESK["desk"]})
    place.write("campaigns/migrants-day.yaml", campaign(MORNING))
    place.move_to(at("08:30:00"))
    assert place.run("run", "--once").returncode == 5
    place.write_config({**DESK, "more": DESK["desk"]}, alerts=addresses(place, *sinks))


def test_four_processes_that_find_the_same_alerts_send_them_once(place: Workplace, sink: Sink) -> None:
    two_held(place, sink)
    processes = [place.start_process("run", "--once") for _ in range(4)]
    outputs = [process.communicate(timeout=90)[0] for process in processes]
    # One has the ledger's lock and sends; the others leave it to that one, or come after it.
    assert set(codes := [process.returncode for process in processes]) <= {0, 5}, outputs
    assert 5 in codes, outputs
    assert Counter(told.text.split()[0] for told in sink.told) == {
        "migrants-day/2020/morning/desk/en": 1,
        "migrants-day/2020/morning/more/en": 1,
    }


def test_while_one_process_tells_another_does_not_and_takes_over_when_it_is_killed(
    place: Workplace, sink: Sink
) -> None:
    """What the service had and the killed process could not write down comes again: at least once."""
    two_held(place, sink)
    sink.go_on.clear()
    first = place.start_process("run", "--once")
    assert sink.reached.wait(60)
    assert place.run("run", "--once").returncode == 0
    assert len(sink.told) == 1, "the other process tells"
    kill(first)
    sink.go_on.set()
    assert place.run("run", "--once").returncode == 5
    assert sorted(Counter(told.text for told in sink.told).values()) == [1, 2]
    run_twice_and_together(place)
    assert len(sink.told) == 3


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_who_ends_it_waits_for_no_service_and_speaks_no_ill_of_it(
    place: Workplace, sink: Sink, number: int, code: int
) -> None:
    two_held(place, sink)
    sink.go_on.clear()
    once = number == signal.SIGINT
    process = place.start_process("run", "--once") if once else place.start_process("run")
    assert sink.reached.wait(60)
    process.send_signal(number)
    output = process.communicate(timeout=25)[0]
    assert (process.returncode, "Traceback" in output, "could not be sent" in output) == (code, False, False), output
    sink.go_on.set()
    place.run("run", "--once")
    assert set(sink.kinds) == {"held"}
    assert len({told.text for told in sink.told}) == 2


# A URL that does not work.


def test_beside_a_broken_url_the_good_one_gets_each_alert_once_and_the_broken_one_is_told_of(
    place: Workplace, mastodon: FakeMastodon, sink: Sink, other: Sink
) -> None:
    sink.status = 500
    command = refused(place, mastodon, sink, other)
    outputs = [place.run("run", "--once") for _ in range(3)]
    assert other.kinds.count("failed") == 1
    assert other.told[0].text.splitlines()[-1] == command
    place.write("campaigns/migrants-day.yaml", "campaign: [")
    outputs += [place.run("run", "--once") for _ in range(3)]
    outputs.append(place.run("status", "--attention"))
    assert Counter(other.kinds) == {"failed": 1, "alerts": 1, "file": 1}, "later alerts still arrive"
    printed = "".join(done.stdout + done.stderr for done in outputs)
    assert printed.count("an alert could not be sent to alerts[0] (env:ALERTS_0)") == 1
    assert "alerts[0] (env:ALERTS_0) does not accept what it is told" in outputs[-1].stdout
    assert SECRET not in printed + "".join(told.text for told in other.told)
    sink.seen.clear()
    sink.status = 200
    place.run("run", "--once")
    assert Counter(sink.kinds) == {"failed": 1, "file": 1}, "what it lacked, and nothing of itself"
    assert "alerts[0]" not in place.run("status", "--attention").stdout
    run_twice_and_together(place)
    assert (len(sink.told), len(other.told)) == (2, 3)


def test_an_alert_that_the_service_does_not_like_holds_up_no_other(
    place: Workplace, mastodon: FakeMastodon, sink: Sink
) -> None:
    def reply(request: Request) -> Answer:
        return Answer(status=413 if b"was refused" in request.body else 200)

    with Journal(reply) as picky:
        refused(place, mastodon)
        place.environment["ALERTS"] = f"json://127.0.0.1:{picky.port}/told"
        place.write_config({"news": account(mastodon, ["en"])}, alerts=["env:ALERTS"])
        place.run("run", "--once")
        place.write("campaigns/migrants-day.yaml", "campaign: [")
        for _ in range(2):
            place.run("run", "--once")
        titles = [json.loads(request.body)["title"] for request in picky.seen]
    assert titles.count("campaigner: file") == 1


def test_a_slow_service_holds_up_neither_the_other_one_nor_the_heartbeat(
    odd: Workplace, sink: Sink, other: Sink
) -> None:
    sink.go_on.clear()
    odd.write_config(
        {"news": {"platform": "odd", "languages": ["en"], "server": "http://127.0.0.1:9"}},
        alerts=addresses(odd, sink, other),
        heartbeat="env:BEAT",
    )
    with daemon(odd):
        assert sink.reached.wait(60)
        wait_for(lambda: other.kinds == ["token"] and other.beats == 1)
        sink.go_on.set()


# What goes wrong beside the main loop.


def test_an_account_that_never_answers_holds_up_neither_alerts_nor_the_heartbeat(
    odd: Workplace, sink: Sink, other: Sink
) -> None:
    odd.write("asking-hangs", "")
    with daemon(odd):
        wait_for(lambda: other.beats == 1)
        odd.write("campaigns/migrants-day.yaml", "campaign: [")
        wait_for(lambda: sink.kinds == ["file"])
        (odd.folder / "asking-hangs").unlink()
        wait_for(lambda: sink.kinds == ["file", "token"])


def test_a_bug_in_a_plug_in_that_is_asked_stops_its_account_and_no_daemon(odd: Workplace, sink: Sink) -> None:
    odd.write("asking-raises", "")
    process = odd.start_process("run")
    wait_for(lambda: "account" in sink.kinds)
    assert process.poll() is None
    process.terminate()
    output = process.communicate(timeout=60)[0]
    assert process.returncode == 0, output
    assert "its adapter failed at `identity` (RuntimeError)" in output
    assert "campaigner: this is a bug (RuntimeError)" in output
    assert "Traceback" not in output
    (report,) = (odd.folder / "state").glob("campaigner-bug-*.txt")
    assert "the library said: ***" in report.read_text()
    assert SECRET not in output + report.read_text()


def test_a_ledger_that_is_locked_for_a_while_is_said_and_telling_goes_on(odd: Workplace, sink: Sink) -> None:
    """The service has the alert, and it can't be written down: it is later, and is not sent again."""
    sink.go_on.clear()
    process = odd.start_process("run")
    assert process.stdout is not None
    assert sink.reached.wait(60)
    with closing(sqlite3.connect(odd.folder / "state" / "campaigner.db", isolation_level=None)) as lock:
        lock.execute("BEGIN IMMEDIATE")
        sink.go_on.set()
        said = next(line for line in process.stdout if "is locked" in line)
        lock.execute("ROLLBACK")
    assert "Traceback" not in said
    wait_for(lambda: in_ledger(odd, "SELECT 1 FROM alerts WHERE sent_at IS NOT NULL"))
    odd.write("campaigns/migrants-day.yaml", "campaign: [")
    wait_for(lambda: sink.kinds == ["token", "file"])
    process.send_signal(signal.SIGTERM)
    output = process.communicate(timeout=40)[0]
    assert (process.returncode, "locked" in output) == (0, False), output


# The heartbeat.


def test_no_heartbeat_comes_while_the_main_loop_hangs(odd: Workplace, sink: Sink, other: Sink) -> None:
    """Alerts do: that they work says nothing of posts."""
    odd.run("run", "--once")
    odd.write("campaigns/migrants-day.yaml", "campaign: [")
    good = (odd.folder / "config.yaml").read_text()
    odd.write_config({"news": {"platform": "odd", "languages": ["en"], "server": "http://127.0.0.1:9"}})
    odd.run("run", "--once")
    odd.write("config.yaml", good)
    before = other.beats
    odd.write("loop-hangs", "")
    with daemon(odd):
        wait_for(lambda: sink.kinds == ["file"])
        assert other.beats == before == 1, "of the single run"
        (odd.folder / "loop-hangs").unlink()
        wait_for(lambda: other.beats == 2)


def test_no_heartbeat_comes_while_the_clock_is_refused(place: Workplace, mastodon: FakeMastodon, sink: Sink) -> None:
    ready(place, mastodon, sink)
    assert place.run("run", "--once").returncode == 0
    place.environment["BEAT"] = f"{sink.url}/beat"
    place.write_config({"news": account(mastodon, ["en"])}, alerts=addresses(place, sink), heartbeat="env:BEAT")
    place.move_to(at("07:40:00"))
    place.speed = 60.0
    with daemon(place):
        wait_for(lambda: bool(sink.beats))
    assert [request.method for request in sink.seen] == ["POST", "GET"]
    assert sink.kinds == ["clock"]
