"""The file HOLD, by the names that phones, Windows and syncs give it, in linear time."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from campaigner.campaign.config import Config
from campaigner.delivery.safety_gates import HOLD_FILE, hold_file, hold_file_text

from ..written import made

NAMES = [
    "HOLD",
    "hold.txt",
    "HOLD (1).txt",
    "Hold – Kopie.md",
    "Copy of HOLD",
    "Kopio - HOLD.txt",
    "HOLD_2",
    ".HOLD.icloud",
    " hold",
    "HOLD.txt (1)",
    "hold copy 2.rtf",
    "HOLD~2.txt",
    "HOLD!.txt",
    "Copy (2) of HOLD.txt",
    "Copie de HOLD.txt",
    "HOLD (Aino's conflicted copy 2026-12-18).txt",
    "HOLD.sync-conflict-20261218-101010-ABCDEFG.txt",
    "hold-PHONE-7.txt",
    "HOLD-DESKTOP-7G3K2L1.txt",
    "HOLD-7G3K2L1.txt",
]
OTHERS = [
    "hold-the-line.xlsx",
    "hold_calendar_2026.csv",
    "Hold harmless agreement.pdf",
    "hold-my-hand.txt",
    "HOLD-THE-LINE.txt",
    "copywriting for the hold.docx",
    "hold the line - images",
    "household",
    "holding.txt",
    "held",
    "on-hold-list.txt",
    "copyright.txt",
    "threshold",
    "hölder.txt",
    "holdé",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_hold_by_any_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("an earthquake")
    assert hold_file(tmp_path).file == tmp_path / name
    assert hold_file(tmp_path / "nowhere", [tmp_path]).file == tmp_path / name


@pytest.mark.parametrize("name", OTHERS)
def test_no_hold(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("")
    assert hold_file(tmp_path).file is None


def test_a_campaign_may_be_called_so_and_not_a_file_beside_the_config(tmp_path: Path) -> None:
    (tmp_path / "campaigns").mkdir()
    (tmp_path / "campaigns" / "hold-the-line.yaml").write_text("")
    assert hold_file(tmp_path, [tmp_path / "campaigns"]).file is None
    (tmp_path / "hold.yaml").write_text("")
    assert hold_file(tmp_path, [tmp_path / "campaigns"]).file == tmp_path / "hold.yaml"


@pytest.mark.parametrize("name", ["hold.png", "hold.csv", "Hold (1).JPG", "hold.yaml.bak", "hold.yml"])
def test_a_picture_a_sheet_and_a_campaign_among_the_campaigns_are_no_hold(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("")
    assert hold_file(tmp_path / "nowhere", [tmp_path]).file is None


@pytest.mark.parametrize("name", ["hold-images", "hold the line - images"])
def test_a_folder_of_another_name_is_no_hold(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    assert hold_file(tmp_path).file is None


def test_what_icloud_leaves_in_its_place_says_nothing(tmp_path: Path) -> None:
    (tmp_path / ".HOLD.icloud").write_bytes(b"bplist00\xd2\x01\x02")
    config = made(Config, path=tmp_path / "config.yaml", timezone="UTC", campaigns=(tmp_path,), accounts={})
    assert hold_file_text(config) == "on hold by the file .HOLD.icloud"


@pytest.mark.parametrize(
    "name",
    [
        "c" + "op " * 80 + "hol",
        "cop" + "_" * 250,
        "hold" + "(" * 250,
        "hold" + "1" * 240 + "x",
        "hold" + "-A1" * 80 + "x",
        "hold" + "(copy" * 50,
        "hold" + "(1)" * 80 + "x",
        "hold" + "copy" * 60 + ".x" + " copy" * 9 + "y",
        "copy" * 60,
    ],
)
def test_an_odd_name_takes_no_time(name: str) -> None:
    begun = time.perf_counter()
    HOLD_FILE.fullmatch(name)
    assert time.perf_counter() - begun < 0.1
