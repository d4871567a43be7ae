"""The heartbeat: once a minute, by a clock that nobody sets, and a failure is said once."""

from __future__ import annotations

from campaigner.alerts.notifier import Heartbeat
from campaigner.clock import SystemClock

from ..platforms.raw_server import RawServer, answering, http, read_request
from .test_notifier import Steady


def test_once_a_minute_however_often_it_is_asked() -> None:
    steady = Steady()
    with RawServer(answering(http(200))) as server:
        heart = Heartbeat(f"{server.url}/beat", SystemClock(), print, steady=steady)
        for _ in range(121):
            heart.beat()
            steady.now += 1
        assert len(server.seen) == 3


def test_that_it_does_not_arrive_is_said_until_it_does_again() -> None:
    steady, said = Steady(), []
    answers = [http(500), http(500), http(200), http(500)]

    def answer(wire, server):
        read_request(wire, server)
        wire.sendall(answers.pop(0))

    with RawServer(answer) as server:
        heart = Heartbeat(f"{server.url}/beat", SystemClock(), said.append, steady=steady)
        for _ in range(4):
            heart.beat()
            steady.now += 60
    assert said == ["the heartbeat could not be sent"] * 2
