"""A call that is ended lets nothing go out any more, wherever it stands."""

from __future__ import annotations

import socket

import pytest

from campaigner.platforms.wire import Call, CallEndedError, _watched


def test_a_call_that_was_ended_before_it_was_connected_sends_nothing() -> None:
    """Looking a name up can't be interrupted: the time may be over when the connection stands at last."""
    call = Call()
    call.end("too late")
    ours, theirs = socket.socketpair()
    with theirs, pytest.raises(CallEndedError, match="too late"):
        _watched(ours, call)
    assert ours.fileno() == -1, "the connection is closed"
    with pytest.raises(CallEndedError):
        call.begin()
    assert not call.sent
    call.close()


def test_ending_shuts_the_connection_down_and_the_first_reason_stays() -> None:
    call = Call()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        call.watch(ours)
        call.begin()
        call.end("first")
        call.end("second")
        assert theirs.recv(1) == b""
        assert (call.sent, call.ended) == (True, "first")
        call.close()


def test_a_connection_that_is_gone_already_is_no_obstacle() -> None:
    call = Call()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = socket.create_connection(listener.getsockname())
        theirs, _ = listener.accept()
        call.watch(ours)
        ours.shutdown(socket.SHUT_RDWR)
        theirs.close()
        ours.close()
        call.end("stopped")
        call.end("again")
        call.close()
    assert call.ended == "stopped"
