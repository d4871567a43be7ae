"""Which addresses are safe, and how an account's server may be written."""

from __future__ import annotations

import pytest

from campaigner.platforms.url_safety import Server, is_loopback, is_safe, origin
from tests.unit.written import RefusedError, value_of


@pytest.mark.parametrize(
    ("url", "safe", "loopback"),
    [
        ("https://social.example", True, False),
        ("HTTPS://social.example", True, False),
        ("http://social.example", False, False),
        ("http://127.0.0.1:80", True, True),
        ("http://127.9.9.9", True, True),
        ("http://localhost:3000/x", True, True),
        ("http://[::1]:3000", True, True),
        ("http://127.0.0.1.evil.example", False, False),
        ("http://127.0.0.1@evil.example", False, False),
        ("http://localhost.evil.example", False, False),
        ("ftp://127.0.0.1", False, True),
        ("https://", False, False),
        ("https://[", False, False),
        ("social.example", False, False),
        ("", False, False),
    ],
)
def test_safe_and_loopback(url: str, safe: bool, loopback: bool) -> None:
    assert (is_safe(url), is_loopback(url)) == (safe, loopback)


def test_origins_are_the_same_for_all_spellings_of_a_place() -> None:
    assert origin("https://Social.Example/x") == origin("https://social.example:443")
    assert origin("https://social.example:444") != origin("https://social.example")
    assert origin("http://localhost") != origin("https://localhost")
    for nowhere in ("https://u@social.example", "https://social.example:no", "https:///x", "https://["):
        assert origin(nowhere) == ""


def test_a_server_is_kept_without_its_last_slash() -> None:
    assert value_of(Server, " https://mastodon.social/ ") == "https://mastodon.social"
    assert value_of(Server, "http://127.0.0.1:3000") == "http://127.0.0.1:3000"


@pytest.mark.parametrize("value", ["mastodon.social", "http://mastodon.social", "ftp://x.example", "https://x:no", ""])
def test_what_is_no_server_is_refused_with_a_cure(value: str) -> None:
    with pytest.raises(RefusedError) as raised:
        value_of(Server, value)
    problem = raised.value.problems[0]
    assert problem.code == "server"
    assert "https://mastodon.social" in problem.help


def test_a_password_in_an_address_is_not_shown() -> None:
    with pytest.raises(RefusedError) as raised:
        value_of(Server, "https://me:hunter22@x.example")
    assert "hunter22" not in raised.value.problems[0].message
