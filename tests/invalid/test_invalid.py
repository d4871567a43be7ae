"""Every broken file beside this one gives exactly the lines of its `.expected`.

With CAMPAIGNER_WRITE_EXPECTED set the `.expected` files are written anew: read the difference before you keep it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from campaigner.campaign.campaign import Model
from campaigner.campaign.config import Secret
from campaigner.errors import Problem, render
from campaigner.loading.campaign_loader import CampaignReader
from campaigner.loading.config_loader import load_config
from campaigner.observance.catalogue import Catalogue

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*.yaml"))
CATALOGUE = Catalogue.load()
SECRET = "ab12cd34ef56"


class ConsoleOptions(Model):
    pass


class MastodonOptions(Model):
    server: str
    access_token: Secret


def _problems(path: Path) -> tuple[Problem, ...]:
    if path.name.startswith("config-"):
        models: dict[str, type[Model]] = {"console": ConsoleOptions, "mastodon": MastodonOptions}
        return load_config(path, models, folder=HERE).problems
    (file,) = CampaignReader(folder=HERE, catalogue=CATALOGUE).read([path])
    return file.problems


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_broken_file_gives_exactly_the_expected_lines(path: Path) -> None:
    printed = "".join(f"{render(problem)}\n" for problem in _problems(path))
    expected = path.with_suffix(".expected")
    if os.environ.get("CAMPAIGNER_WRITE_EXPECTED"):
        expected.write_text(printed, encoding="utf-8")
    assert printed == expected.read_text(encoding="utf-8")
    assert printed, "a file in this folder must have a fault"
    assert SECRET not in printed


def test_every_expected_text_has_its_file() -> None:
    assert {path.stem for path in HERE.glob("*.expected")} == {path.stem for path in FILES}
