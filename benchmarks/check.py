"""`campaigner check` of 10,000 messages for three accounts, beside a bare CSafeLoader parse of the same files.

Like the campaigns of this project, every message is a block text in English and Finnish, one in three has an image with its
alt texts, and one in ten a second part. A check that finds a problem proves that the files are not what they should be.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from .office import COMMAND, spent
from .table import Row, spread

FILES, MESSAGES = 100, 100
IMAGE = Path(__file__).parents[1] / "campaigns" / "images" / "migrants-day-en.png"
BARE = """
import sys, yaml
from pathlib import Path
for path in sorted(Path(sys.argv[1]).glob("*.yaml")):
    yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
"""
CAMPAIGN = """\
campaign: Day number {number}
observance: 2027-{month:02}-{day:02}
editions: [2027]
languages: [en, fi]
accounts: all
hashtags:
  all: [MigrantsDay]
  fi: [SiirtolaistenPäivä]
link: https://finland.iom.int/
messages:
"""
MESSAGE = """\
  message-{index}:
    at: {time}
    text:
      en: |
        In {town} towns people who came from elsewhere teach, heal and build, and on {{date}} we say so.
        Read what they told us. {{link}}
      fi: |
        Muualta tulleet opettavat, hoitavat ja rakentavat {town} kunnassa, ja {{date}} sanomme sen.
        Lue, mitä he kertoivat. {{link}}
"""
WITH_IMAGE = """\
    images:
      - file: images/card.png
        alt:
          en: |
            Light lines join dots across a dark blue card. On it stands: International Migrants Day.
          fi: |
            Vaaleat viivat yhdistävät pisteitä tummansinisellä kortilla. Kortissa lukee: Siirtolaisten päivä.
"""
WITH_THREAD = """\
    thread:
      - text:
          en: |
            And what would you ask the people of town number {town}?
          fi: |
            Ja mitä sinä kysyisit kunnan {town} väeltä?
    variants:
      x:
        thread: []
"""


def rows(rounds: int) -> Iterator[Row]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        write(folder)
        bare, check = [sys.executable, "-c", BARE, str(folder / "campaigns")], [COMMAND, "check"]
        found = [(spent(bare), spent(check, folder)) for _ in range(rounds)]
    ratios = [ours.seconds / other.seconds for other, ours in found]
    cpu = spread([ours.cpu / other.cpu for other, ours in found], "{:.2f} ×")
    beside = f"{median(ours.seconds for _, ours in found):.1f} s; processor {cpu}"
    yield Row("`check` of 10,000 messages × 3 accounts", ratios, "{:.2f} × CSafeLoader", "≤ 3", beside)


def write(folder: Path) -> None:
    (folder / "campaigns" / "images").mkdir(parents=True)
    shutil.copyfile(IMAGE, folder / "campaigns" / "images" / "card.png")
    accounts = {
        like: {"platform": "console", "like": like, "languages": ["en", "fi"]} for like in ("x", "mastodon", "bluesky")
    }
    (folder / "config.yaml").write_text(json.dumps({"timezone": "Europe/Helsinki", "accounts": accounts}), "utf-8")
    for number in range(FILES):
        head = CAMPAIGN.format(number=number, month=1 + number // 28, day=1 + number % 28)
        text = head + "".join(message(number * 1000 + index, index) for index in range(MESSAGES))
        (folder / "campaigns" / f"day-{number}.yaml").write_text(text, "utf-8")


def message(town: int, index: int) -> str:
    hours, minutes = divmod(7 * 60 + index * 8, 60)
    text = MESSAGE + (WITH_IMAGE if index % 3 == 0 else "") + (WITH_THREAD if index % 10 == 0 else "")
    return text.format(index=index, time=f"{hours:02}:{minutes:02}", town=town)
