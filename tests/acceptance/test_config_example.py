"""The example config works as it is, and also when its examples of real accounts are taken into use."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from .workplace import Workplace

ROOT = Path(__file__).parents[2]
COMMENTED = re.compile(r"^( *)# ( *[a-z_-]+:(?: .*)?)$", re.MULTILINE)


@pytest.fixture
def example(place: Workplace) -> Workplace:
    shutil.copytree(ROOT / "campaigns", place.folder / "campaigns")
    place.write("config.yaml", (ROOT / "config.example.yaml").read_text("utf-8"))
    return place


@pytest.fixture
def everything(example: Workplace) -> Workplace:
    """With everything uncommented; the clock is the real one, for no other is allowed beside real accounts."""
    example.environment["CAMPAIGNER_CLOCK"] = ""
    example.write("config.yaml", COMMENTED.sub(r"\1\2", (example.folder / "config.yaml").read_text("utf-8")))
    return example


def test_it_works_as_it_is(example: Workplace) -> None:
    done = example.run("check", "--strict")
    assert (done.returncode, done.stdout) == (0, "")
    accounts = {post["account"] for post in json.loads(example.run("preview", "--json").stdout)}
    assert accounts == {"desk-x", "desk-mastodon", "desk-bluesky"}


def test_its_real_accounts_need_no_secret_for_check_and_preview(everything: Workplace) -> None:
    done = everything.run("check")
    assert done.returncode == 0, done.stdout
    accounts = {post["account"] for post in json.loads(everything.run("preview", "--json").stdout)}
    assert accounts >= {"iom-finland-mastodon", "iom-finland-bluesky", "iom-finland-x"}


def test_it_shows_every_setting_and_every_option_of_every_platform(everything: Workplace) -> None:
    schema = json.loads(everything.run("schema", "config").stdout)["properties"]
    written: dict[str, Any] = yaml.safe_load((everything.folder / "config.yaml").read_text("utf-8"))
    assert set(written) == set(schema)
    known = schema["accounts"]["additionalProperties"]["anyOf"]
    options = {one["properties"]["platform"]["const"]: set(one["properties"]) for one in known}
    shown = {account["platform"]: set(account) for account in written["accounts"].values()}
    common = set.intersection(*options.values())
    assert [platform for platform in options if options[platform] - common - shown[platform]] == []
    assert common - set().union(*shown.values()) == set()
