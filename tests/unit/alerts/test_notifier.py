"""One place that alerts go to: each alert once, however many processes tell, and a place that fails holds up nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from campaigner.alerts.apprise_process import Message
from campaigner.alerts.notifier import AlertChannel
from campaigner.clock import SteppingClock
from campaigner.errors import SurroundingsError
from campaigner.ledger import alerts
from campaigner.ledger.ledger import Ledger

from ..ledger.conftest import NOW


class Service:
    """A service, and the way to it: takes what `takes` says, and writes down whatever came."""

    def __init__(self, takes: Callable[[str], bool] = lambda text: True) -> None:
        self.takes = takes
        self.tried: list[str] = []
        self.has: list[str] = []

    def accepts(self, message: Message) -> bool:
        text = message[1].splitlines()[0]
        self.tried.append(text)
        if self.takes(text):
            self.has.append(text)
        return self.takes(text)

    def rest(self) -> None:
        pass

    def close(self) -> None:
        pass


class Steady:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "campaigner.db"


@contextmanager
def opened(path: Path) -> Iterator[Ledger]:
    """A process of its own, as far as the ledger can tell."""
    ledger = Ledger.open(path, SteppingClock(NOW))
    ledger.enter("test")
    try:
        yield ledger
    finally:
        ledger.close()


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    with opened(path) as ledger:
        yield ledger


@pytest.fixture
def steady() -> Steady:
    return Steady()


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def place(ledger: Ledger, steady: Steady, said: list[str]) -> Callable[[str, Service], AlertChannel]:
    def make(id: str, service: Service) -> AlertChannel:
        everyone = {"one", "two"}
        return AlertChannel(ledger, id, f"alerts[{id}]", service, everyone=everyone, warn=said.append, steady=steady)

    return make


def raise_alerts(ledger: Ledger, *texts: str, kind: str | None = None) -> None:
    """One of each kind, unless all are of one."""
    for text in texts:
        ledger.write(
            lambda c, text=text: alerts.raise_alert(c, kind=kind or text, text=text, key=text, command="type", now=NOW)
        )


Place = Callable[[str, Service], AlertChannel]


def test_each_place_gets_each_alert_once_and_then_it_counts_as_sent(ledger: Ledger, place: Place) -> None:
    raise_alerts(ledger, "a", "b")
    first, second = Service(), Service()
    one, two = place("one", first), place("two", second)
    one.tell()
    assert len(ledger.read(alerts.unsent)) == 2
    for recipient in (one, two, one, two):
        recipient.tell()
    assert (first.has, second.has) == (["a", "b"], ["a", "b"])
    assert ledger.read(alerts.unsent) == []


def test_a_place_that_takes_nothing_is_left_alone_for_longer_and_longer_and_then_gets_all(
    ledger: Ledger, place: Place, steady: Steady
) -> None:
    raise_alerts(ledger, *"abcdefgh")
    service = Service(lambda text: False)
    recipient = place("one", service)
    recipient.tell()
    assert service.tried == ["a", "h", "g"], "every further one would take as long"
    tried_at = []
    for _ in range(3600):
        steady.now += 1
        before = len(service.tried)
        recipient.tell()
        tried_at += [steady.now - 1000.0] * (len(service.tried) > before)
    assert tried_at == [30, 90, 210, 450, 930, 1830, 2730]
    service.takes = lambda text: True
    steady.now += 900
    recipient.tell()
    assert sorted(service.has) == list("abcdefgh")


def test_an_alert_that_is_not_taken_holds_up_no_other(ledger: Ledger, place: Place, steady: Steady) -> None:
    service = Service(lambda text: text not in "ac")
    recipient = place("one", service)
    raise_alerts(ledger, "a", "b", "c", "d")
    recipient.tell()
    assert sorted(service.has) == ["b", "d"]
    raise_alerts(ledger, "e")
    recipient.tell()
    assert sorted(service.has) == ["b", "d", "e"], "what is new waits for no rest"
    restarted = place("one", service)
    raise_alerts(ledger, "f")
    restarted.tell()
    assert sorted(service.has) == ["b", "d", "e", "f"]


def test_that_a_place_fails_is_told_once_and_elsewhere(
    ledger: Ledger, place: Place, steady: Steady, said: list[str]
) -> None:
    raise_alerts(ledger, "a")
    broken, good = Service(lambda text: False), Service()
    one, two = place("one", broken), place("two", good)
    for _ in range(5):
        one.tell()
        two.tell()
        steady.now += 2000
    assert said == ["an alert could not be sent to alerts[one]; it is tried again. `campaigner status` shows it"]
    assert [text.partition(" does")[0] for text in good.has] == ["a", "alerts[one]"]
    standing = ledger.read(lambda c: alerts.standing(c, NOW))
    assert [(alert.kind, alert.command) for alert in standing] == [
        ("a", "type"),
        ("alerts", "campaigner run --once"),
    ]
    broken.takes = lambda text: True
    one.tell()
    assert broken.has == ["a"], "it need not hear of itself"
    assert [alert.kind for alert in ledger.read(lambda c: alerts.standing(c, NOW))] == ["a"]
    assert ledger.read(alerts.unsent) == []


def test_what_could_not_be_written_down_is_not_sent_again(
    ledger: Ledger, path: Path, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    raise_alerts(ledger, "a")
    write = ledger.write
    service = Service()
    recipient = place("one", service)

    def fail_while_it_is_sent(change):
        if service.has:
            raise SurroundingsError("the ledger is locked")
        return write(change)

    monkeypatch.setattr(ledger, "write", fail_while_it_is_sent)
    with pytest.raises(SurroundingsError):
        recipient.tell()
    monkeypatch.setattr(ledger, "write", write)
    recipient.tell()
    assert service.tried == ["a"]
    again = Service()
    place("one", again).tell()
    assert again.tried == []


def test_what_is_raised_while_it_tells_is_told_as_well(ledger: Ledger, place: Place) -> None:
    def another_comes(text: str) -> bool:
        if text == "a":
            raise_alerts(ledger, "b")
        return True

    raise_alerts(ledger, "a")
    service = Service(another_comes)
    place("one", service).tell()
    assert service.has == ["a", "b"]


def test_told_to_stop_it_begins_with_nothing_more_and_says_no_ill_of_the_place(
    ledger: Ledger, place: Place, said: list[str]
) -> None:
    raise_alerts(ledger, "a", "b")

    def stop(text: str) -> bool:
        recipient.stop()
        return False

    service = Service(stop)
    recipient = place("one", service)
    recipient.tell()
    recipient.tell()
    assert (service.tried, said) == (["a"], [])


def test_many_of_one_kind_are_one_message_with_their_number_and_the_first_five(ledger: Ledger, place: Place) -> None:
    raise_alerts(ledger, "z")
    raise_alerts(ledger, *(f"m{number}" for number in range(400)), kind="missed")
    raise_alerts(ledger, *"abcde", kind="held")
    messages: list[Message] = []

    class Keeping(Service):
        def accepts(self, message: Message) -> bool:
            messages.append(message)
            return super().accepts(message)

    place("one", Keeping()).tell()
    assert [title for title, _ in messages] == ["campaigner: z", "campaigner: missed"] + 5 * ["campaigner: held"]
    assert messages[1][1].splitlines() == [
        "400 alerts of one kind, missed. The first 5:",
        *(f"m{number}" for number in range(5)),
        "2026-12-18 06:00 UTC",
        "campaigner status --attention",
    ]
    assert ledger.read(lambda c: alerts.waiting(c, "one")) == []
    assert len(ledger.read(lambda c: alerts.waiting(c, "two"))) == 406


def test_many_that_are_not_taken_wait_together(ledger: Ledger, place: Place, steady: Steady) -> None:
    raise_alerts(ledger, *(f"m{number}" for number in range(6)), kind="missed")
    service = Service(lambda text: False)
    recipient = place("one", service)
    recipient.tell()
    service.takes = lambda text: True
    raise_alerts(ledger, "m6", kind="missed")
    recipient.tell()
    assert service.tried == [f"{count} alerts of one kind, missed. The first 5:" for count in (6, 7)]
    assert ledger.read(lambda c: alerts.waiting(c, "one")) == []
