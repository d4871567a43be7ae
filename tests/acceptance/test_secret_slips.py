"""A secret that was written into the config itself is not shown, whatever slip stands round it."""

from __future__ import annotations

import pytest

from .workplace import Workplace

SECRETS = {
    "X": "aB3dE5fG7hJ9kL2mN4pQ6rS8t",
    "Mastodon": "Zk3_9sPq-Rt7uVw2xY4zA6bC8dE0fG1hI3jK5lM7nO9",
    "Bluesky": "abcd-efgh-ijkl-mnop",
    "hex": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
    "letters": "qwfpgjluyarstdhneiozxcvbkm",
}
SLIPS = {
    "plain": "    access_token: SECRET\n",
    "below its key": "    access_token:\n    SECRET\n",
    "below its key, further in": "    access_token:\n      SECRET\n    languages: [en]\n",
    "as a name": "    access_token:\n      SECRET:\n",
    "as a name with a value": "    access_token:\n      SECRET: env\n",
    "twice in braces": "    access_token: {SECRET, SECRET}\n",
    "twice": "    access_token:\n      SECRET: a\n      SECRET: b\n",
    "alone": "    SECRET\n",
    "after a dash": "    access_token:\n      -SECRET\n",
    "after a dash, with a colon": "    access_token:\n      -SECRET:\n",
    "no colon": "    access_token SECRET\n",
    "an equals sign": "    access_token=SECRET\n",
    "no space": "    access_token:SECRET\n",
    "a variable": "    access_token: env:SECRET\n",
    "a variable with a sign": "    access_token: $SECRET\n",
    "env and a space": "    access_token: env: SECRET\n",
    "an open quotation mark": '    access_token: "SECRET\n',
    "a tab": "\taccess_token: SECRET\n",
    "a list": "    access_token: [SECRET]\n",
    "an open list": "    access_token: [SECRET\n",
}
IN_BRACES = ("access_token:SECRET", "access_token SECRET", "access_token=SECRET", "access_token, SECRET", "SECRET")


def told(place: Workplace, account: str, secret: str) -> str:
    place.write("config.yaml", f"timezone: Europe/Helsinki\naccounts:\n  news:{account.replace('SECRET', secret)}")
    done = [place.run("check"), place.run("check", "--format", "json"), place.run("accounts", "check")]
    assert all(one.returncode != 70 for one in done), done
    return "".join(one.stdout + one.stderr for one in done)


# A variable may well be called as the last two are.
@pytest.mark.parametrize(
    ("kind", "slip"),
    [(kind, slip) for kind in SECRETS for slip in SLIPS if slip != "a variable" or kind not in ("hex", "letters")],
)
def test_a_secret_beside_a_slip_is_not_shown(place: Workplace, kind: str, slip: str) -> None:
    rest = "    platform: mastodon\n    server: https://mastodon.social\n"
    output = told(place, f"\n{rest}{SLIPS[slip]}    timezone: Europe/Helsinki\n", SECRETS[kind])
    assert SECRETS[kind][:10] not in output


@pytest.mark.parametrize("kind", SECRETS)
@pytest.mark.parametrize("slip", IN_BRACES)
def test_nor_is_one_in_an_account_on_one_line(place: Workplace, kind: str, slip: str) -> None:
    account = f' {{platform: mastodon, server: "https://mastodon.social", {slip}, languages: [en]}}\n'
    assert SECRETS[kind][:10] not in told(place, account, SECRETS[kind])


@pytest.mark.parametrize("kind", SECRETS)
@pytest.mark.parametrize(
    "key", ["handle", "server", "like", "platform", "languages", "timezone", "spacing", "long_text"]
)
def test_nor_is_one_that_stands_under_another_key(place: Workplace, kind: str, key: str) -> None:
    platform = {"server": "mastodon", "like": "console"}.get(key, "bluesky")
    rest = "" if key == "platform" else f"    platform: {platform}\n"
    output = told(place, f"\n{rest}    app_password: iom.bsky.social\n    {key}: SECRET\n", SECRETS[kind])
    assert SECRETS[kind][:10] not in output


def test_nor_is_one_for_a_ledger(place: Workplace) -> None:
    place.write("config.yaml", f"ledger: {SECRETS['X']}.db\n")
    done = place.run("check")
    assert SECRETS["X"][:10] not in done.stdout + done.stderr
    assert "begins with sqlite:///" in done.stdout


def test_nor_is_the_password_of_a_ledger(place: Workplace) -> None:
    place.write("config.yaml", "ledger: postgresql://office@host/news?sslmode=require&password=correct-horse\n")
    done = place.run("check")
    assert "correct-horse" not in done.stdout + done.stderr
    assert "[plain-secret]" in done.stdout
