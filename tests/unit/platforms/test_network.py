"""A call that is ended lets nothing go out any more, wherever it stands."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from campaigner.platforms.network import MOST_IDLE_SECONDS, Call, Connection, Network
from campaigner.platforms.url_safety import origin


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


def connection_to(listener: socket.socket) -> Connection:
    return Connection(f"http://127.0.0.1:{listener.getsockname()[1]}", "", None)


def test_a_call_that_was_ended_before_it_was_connected_sends_nothing(listener: socket.socket) -> None:
    """Looking a name up can't be interrupted: the time may be over when the connection stands at last."""
    call = Call()
    call.end("too late")
    connection = connection_to(listener)
    with pytest.raises(match="too late"):
        connection.open(call)
    connection.close()
    with pytest.raises(ConnectionAbortedError):
        call.begin()
    assert not call.sent


def test_ending_shuts_the_connection_down_and_the_first_reason_stays(listener: socket.socket) -> None:
    call, connection = Call(), connection_to(listener)
    connection.open(call)
    theirs, _ = listener.accept()
    with theirs:
        call.begin()
        call.end("first")
        call.end("second")
        assert theirs.recv(1) == b""
    assert (call.sent, call.ended) == (True, "first")
    connection.close()


def test_a_connection_that_is_gone_already_is_no_obstacle(listener: socket.socket) -> None:
    call, connection = Call(), connection_to(listener)
    connection.open(call)
    theirs, _ = listener.accept()
    connection.shut()
    theirs.close()
    call.end("stopped")
    connection.close()
    call.end("again")
    assert call.ended == "stopped"


def given_back(network: Network, connection: Connection) -> None:
    """After a call whose answer was read to its end."""
    connection.is_idle = True
    network.give_back(connection)


@pytest.mark.parametrize(
    ("url", "address", "header"),
    [
        ("https://social.example", ("social.example", 443), "social.example"),
        ("https://social.example:8443", ("social.example", 8443), "social.example:8443"),
        ("https://social.example:80", ("social.example", 80), "social.example:80"),
        ("https://päivä.fi", ("xn--piv-qlac.fi", 443), "xn--piv-qlac.fi"),
        ("http://[::1]:8080", ("::1", 8080), "[::1]:8080"),
    ],
)
def test_a_place_is_named_as_servers_read_it(url: str, address: tuple[str, int], header: str) -> None:
    connection = Connection(origin(url), "", None)
    assert ((connection.host, connection.port), connection.host_header) == (address, header)


def test_what_nobody_took_for_long_is_closed(listener: socket.socket) -> None:
    network, old, new = Network(), connection_to(listener), connection_to(listener)
    for connection in (old, new):
        connection.open(Call())
    given_back(network, old)
    old.idle_since -= MOST_IDLE_SECONDS + 1
    given_back(network, new)
    assert (old.sock, network.connection(new.place)) == (None, new)
    network.close()
    new.close()


def test_what_is_given_back_when_all_is_closed_is_closed_too(listener: socket.socket) -> None:
    """A call may end after the accounts were let go of: nobody would close its connection then."""
    network, connection = Network(), connection_to(listener)
    connection.open(Call())
    network.close()
    given_back(network, connection)
    assert connection.sock is None


@pytest.mark.parametrize(
    ("settings", "url", "proxy"),
    [
        ({"https_proxy": "http://proxy:8080"}, "https://social.example", "http://proxy:8080"),
        ({"https_proxy": "proxy:8080"}, "https://social.example", "http://proxy:8080"),
        ({"all_proxy": "http://proxy:8080"}, "https://social.example", "http://proxy:8080"),
        ({"http_proxy": "http://proxy:8080"}, "https://social.example", ""),
        ({"https_proxy": "http://proxy:8080", "no_proxy": ".example"}, "https://social.example", ""),
        ({"https_proxy": "http://proxy:8080", "no_proxy": "*"}, "https://social.example", ""),
        ({"https_proxy": "http://proxy:8080"}, "https://127.0.0.1:1", ""),
    ],
)
def test_which_proxy_the_settings_name(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], url: str, proxy: str
) -> None:
    for name in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{name}_proxy", raising=False)
        monkeypatch.delenv(f"{name.upper()}_PROXY", raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert Network().proxy_of(url) == proxy


@pytest.mark.parametrize(("proxy", "port"), [("http://proxy", 80), ("https://proxy", 443), ("http://proxy:8080", 8080)])
def test_a_proxy_is_spoken_to_at_its_own_port(proxy: str, port: int) -> None:
    assert Connection("https://social.example", proxy, None).port == port
