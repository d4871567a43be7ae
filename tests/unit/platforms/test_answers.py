"""What headers say of time, and how an answer's body is read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from campaigner.platforms.answers import (
    LONGEST_WAIT,
    Answer,
    rate_reset,
    retry_after,
    server_date,
    web_address,
)

NOW = datetime(2020, 12, 18, 6, 0, tzinfo=UTC)
IN_A_MINUTE = NOW + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("60", IN_A_MINUTE),
        (" 60 ", IN_A_MINUTE),
        ("0.5", NOW + timedelta(seconds=0.5)),
        ("0", NOW),
        (format_datetime(IN_A_MINUTE, usegmt=True), IN_A_MINUTE),
        ("Fri, 18 Dec 2020 08:01:00 +0200", IN_A_MINUTE),
        ("Fri, 18 Dec 2020 06:01:00 -0000", IN_A_MINUTE),
        (format_datetime(NOW - timedelta(hours=1), usegmt=True), NOW),
        ("999999999", None),
        ("2678400", NOW + LONGEST_WAIT),
        ("2678401", None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 -1200", None),
        ("Sat, 01 Jan 0001 00:00:00 +1200", None),
        ("5, 10", None),
        ("５", None),
        ("9" * 5000, None),
        ("nan", None),
        ("inf", None),
        ("-5", None),
        ("1e400", None),
        ("soon", None),
        ("", None),
        ("Fri, 99 Dec 2020 06:01:00 GMT", None),
    ],
)
def test_retry_after(value: str, wanted: datetime | None) -> None:
    assert retry_after({"retry-after": value}, NOW) == wanted


def test_retry_after_may_be_absent() -> None:
    assert retry_after({}, NOW) is None
    assert rate_reset({}, NOW) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"x-ratelimit-reset": "2020-12-18T06:01:00.000Z", "x-ratelimit-remaining": "0"},
        {"x-ratelimit-reset": "2020-12-18T06:01:00"},
        {"x-rate-limit-reset": "1608271260", "x-rate-limit-remaining": "0"},
        {"ratelimit-reset": "1608271260", "ratelimit-remaining": "0", "ratelimit-limit": "30"},
        {"ratelimit-reset": "1608271200", "ratelimit-remaining": "0", "retry-after": "60"},
        {
            "x-rate-limit-reset": "1608271215",
            "x-rate-limit-remaining": "0",
            "x-app-limit-24hour-reset": "1608271260",
            "x-app-limit-24hour-remaining": "0",
            "x-user-limit-24hour-reset": "1608279999",
            "x-user-limit-24hour-remaining": "7",
        },
    ],
)
def test_the_latest_reset_of_what_is_used_up(headers: dict[str, str]) -> None:
    assert rate_reset(headers, NOW) == IN_A_MINUTE


@pytest.mark.parametrize("value", ["", "tomorrow", "12", "99999999999", "2020-13-18T06:01:00Z"])
def test_a_reset_that_can_not_be_read_says_nothing(value: str) -> None:
    found = rate_reset({"x-ratelimit-reset": value}, NOW)
    assert found is None


def test_a_reset_counts_from_the_servers_clock() -> None:
    theirs = NOW + timedelta(hours=3)
    headers = {"date": format_datetime(theirs, usegmt=True), "x-rate-limit-reset": str(int(theirs.timestamp()) + 60)}
    assert rate_reset(headers, NOW) == IN_A_MINUTE
    assert server_date(headers) == theirs
    assert server_date({"date": "now"}) is None


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff\xfe", b"[" * 100_000, b"9" * 10_000])
def test_a_body_that_is_no_json_is_none(body: bytes) -> None:
    answer = Answer(200, {}, body)
    assert answer.json() is None
    assert answer.fields() == {}


def test_fields_of_what_is_no_object() -> None:
    assert Answer(200, {}, b'["id"]').fields() == {}
    assert Answer(200, {}, b'{"id": 1}').fields() == {"id": 1}


@pytest.mark.parametrize(("status", "wanted"), [(199, False), (200, True), (299, True), (300, False)])
def test_success(status: int, wanted: bool) -> None:
    assert Answer(status, {}, b"").is_success is wanted


def test_only_web_addresses_are_shown() -> None:
    assert web_address("https://a.example/@b/1") == "https://a.example/@b/1"
    for wrong in ("javascript:alert(1)", "https://a b", "https://a.example/\n", None, 7, "https://" + "a" * 3000):
        assert web_address(wrong) == ""


@pytest.mark.parametrize(
    ("written", "read"),
    [(r'"a\ud83db"', "a?b"), (r'"\uDC00"', "?"), (r'"\ud83d\ude00"', "😀"), (r'"\\ud83d"', r"\ud83d"), ('"ä"', "ä")],
)
def test_half_a_character_is_a_question_mark(written: str, read: str) -> None:
    """No encoding knows it, and so no ledger and no terminal."""
    assert Answer(200, {}, written.encode()).json() == read


@pytest.mark.parametrize("body", [b'"\xed\xa0\xbd"', '"\\ud83d"'.encode("utf-16"), b'"\xff"'])
def test_what_is_not_written_in_utf_8_is_not_read(body: bytes) -> None:
    """Python itself would read the first two, and make half a character of each."""
    assert Answer(200, {}, body).json() is None
