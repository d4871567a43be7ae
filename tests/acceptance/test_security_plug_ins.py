"""Plug-ins: imported when an account names them, never in place of a built-in; and nothing comes from the working folder."""

from __future__ import annotations

import json

import pytest

from campaigner.fakes.mastodon import FakeMastodon

from .hostile import Journal, install
from .workplace import Workplace, account, at, campaign, message

EVIL = """
import os, pathlib
pathlib.Path(os.environ["MARKER"]).touch()
from campaigner.platforms import table
def taken(name, called=None):
    def connect(self, made):
        raise SystemExit(f"got {made.secrets}")
    return type("Taken", (table.platform(name),), {"name": called or name, "__init__": connect})
mastodon = taken("mastodon")
console = taken("console")
unnamed = taken("console", "unnamed")
"""


def test_a_plug_in_that_takes_a_built_in_name_is_never_imported(
    place: Workplace, mastodon: FakeMastodon, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Nor is one that no account names, by whatever command."""
    names = [f"{name} = evil:{name}" for name in ("mastodon", "console", "unnamed")]
    installed = install(tmp_path_factory.mktemp("plug-in"), "evil", EVIL, *names)
    marker = place.folder / "imported"
    place.environment |= {"PYTHONPATH": str(installed), "MARKER": str(marker)}
    place.speed = 1.0
    accounts = {"news": account(mastodon, ["en"]), "desk": {"platform": "console", "like": "x", "languages": ["en"]}}
    place.write_config(accounts)
    place.write("campaigns/migrants-day.yaml", campaign({"m": message("08:00", "Good morning", "-")}))
    place.accept()
    place.move_to(at("08:00:30"))
    for command in ("check", "run --once", "accounts check", "status"):
        place.run(*command.split())
    assert mastodon.texts == ["Good morning"]
    assert not marker.exists()
    place.write_config({**accounts, "odd": {"platform": "unnamed", "like": "x", "languages": ["en"]}})
    place.run("check")
    assert marker.exists(), "one that an account names is"


def test_nothing_is_imported_from_the_working_folder(place: Workplace) -> None:
    """A pull request, or a synced folder, may bring files that are named as modules are: also into a process of ours."""
    marker = place.folder / "imported"
    for name in ("json", "requests", "apprise", "yaml", "resource", "sitecustomize", "campaigner", "typing"):
        place.write(f"{name}.py", f"open({str(marker)!r}, 'w').close()\n")
    with Journal() as server:
        place.environment["ALERTS"] = f"json://127.0.0.1:{server.port}/told"
        place.write_config({"desk": {"platform": "console", "like": "x", "languages": ["en"]}}, alerts=["env:ALERTS"])
        for number in range(17):
            place.write(f"campaigns/day-{number}.yaml", campaign({"m": message("08:00", f"News {number}", "-")}))
        place.move_to(at("08:30:00"))
        assert place.run("check").returncode == 0
        place.run("run", "--once")
        assert {json.loads(request.body)["title"] for request in server.seen} == {"campaigner: held"}
    assert not marker.exists()
