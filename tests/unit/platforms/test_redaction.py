"""No secret survives in a text, in whatever form it stands there."""

from __future__ import annotations

import html
import json
import time
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigner.platforms.redaction import LONGEST_TEXT, Redactor

SECRETS = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_characters="*"), min_size=8, max_size=40)


@given(SECRETS, st.text(max_size=5), st.text(max_size=5))
def test_every_form_is_taken_out(secret: str, before: str, after: str) -> None:
    redact = Redactor([secret])
    forms = [secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1], html.escape(secret)]
    for form in forms:
        assert form not in redact(f"{before} {form} {after}")


@given(SECRETS, st.binary(max_size=7), st.binary(max_size=7))
def test_base64_of_a_text_that_holds_it_says_nothing_of_it(secret: str, before: bytes, after: bytes) -> None:
    for encode in (b64encode, urlsafe_b64encode):
        encoded = encode(before + secret.encode() + after).decode()
        left = Redactor([secret])(encoded)
        assert left != encoded
        assert len(left.replace("***", "")) <= 4 * (len(before) + len(after)) // 3 + 10


def test_the_longest_goes_first() -> None:
    assert Redactor(["token", "token-and-more"])("token-and-more token") == "*** ***"


def test_a_secret_that_came_later_counts_too() -> None:
    redact = Redactor([])
    redact.add("a-later-one")
    redact.add("abc")
    redact.add("")
    assert redact("a-later-one abc") == "*** abc"


@pytest.mark.parametrize(
    "text", ["Authorization: Bearer abc", "Basic YWJj", "?access_token=abc&x=y", 'OAuth oauth_token="x", token=abc']
)
def test_what_looks_like_a_token_goes_even_when_it_is_not_ours(text: str) -> None:
    assert "abc" not in Redactor([])(text).replace("YWJj", "abc")


def test_an_address_that_is_a_secret_is_known_by_its_path() -> None:
    redact = Redactor(["https://hooks.example/services/T000/B000/xyz?k=v"])
    assert redact("Max retries exceeded with url: /services/T000/B000/xyz?k=v") == (
        "Max retries exceeded with url: /***"
    )
    assert "B000" not in redact("POST /services/T000/B000/xyz failed")


def test_texts_are_cut() -> None:
    assert len(Redactor([])("x" * 1000)) == LONGEST_TEXT


TOLD = "Zk3/v9pQxT7rWm"


@pytest.mark.parametrize(
    "body", [TOLD, '"Zk3\\/v9pQxT7rWm"', '"\\u005a\\u006b3/v9pQxT7rWm"', "Zk3%2Fv9pQxT7rWm", "Zk3%2fv9pQxT7rWm"]
)
def test_an_answer_that_says_a_secret_back_is_known(body: str) -> None:
    assert Redactor([TOLD]).is_in(f'{{"id": {body}}}'.encode())


@pytest.mark.parametrize(("secret", "body"), [(TOLD, TOLD[:11]), ("short-one", "short-one"), ("", "")])
def test_an_honest_answer_is_no_such_one(secret: str, body: str) -> None:
    """A short secret may stand in an honest one by chance: to distrust that would leave posts in doubt."""
    assert not Redactor([secret]).is_in(body.encode())


def test_a_long_text_is_kept_whole_where_that_is_asked_for() -> None:
    assert Redactor([TOLD]).whole(f"{'x' * 1000}{TOLD}") == f"{'x' * 1000}***"


def spread(text: str, between: str) -> str:
    return between.join(text)


DRESSED = {
    "percent": "".join(f"%{ord(letter):02x}" for letter in TOLD),
    "percent, nine times": "".join(f"%{'25' * 9}{ord(letter):02X}" for letter in TOLD),
    "entities": "".join(f"&#{ord(letter)};" for letter in TOLD),
    "entities of entities": "".join(f"&amp;amp;#x{ord(letter):x};" for letter in TOLD),
    "entities of percent signs": "".join(f"&#37;{ord(letter):02x}" for letter in TOLD),
    "JSON": "".join(f"\\\\u00{ord(letter):02x}" for letter in TOLD),
    "upper case": TOLD.upper(),
    "full width": "".join(chr(ord(letter) + 0xFEE0) for letter in TOLD),
    "cut short": TOLD[:12],
    "spaces": spread(TOLD, " "),
    "lines": spread(TOLD, "\r\n"),
    "invisible": spread(TOLD, "\u200b"),
    "tags": spread(TOLD, "\U000e0020"),
    "soft hyphens": spread(TOLD[:12], "\u00ad"),
    "all of it": quote(html.escape(spread(TOLD.upper()[:12], "\u2060\n"))),
}


@pytest.mark.parametrize("dress", DRESSED)
def test_a_secret_is_known_in_every_dress(dress: str) -> None:
    told = f"You sent {DRESSED[dress]} to us"
    redact = Redactor([TOLD])
    assert "***" in redact.whole(told)
    assert DRESSED[dress] not in redact.whole(told)
    assert redact.is_in(told.encode())


@pytest.mark.parametrize(
    "text", ["%25" * 100_000, "&amp;" * 80_000, "\\" * 400_000, "\u200b" * 100_000, "&#37;" * 80_000]
)
def test_the_worst_is_read_in_a_moment(text: str) -> None:
    began = time.process_time()
    Redactor([TOLD]).whole(text)
    assert time.process_time() - began < 2
