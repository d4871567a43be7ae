"""Hostile values under every key of every file: each is read in under a second and 200 MB, and holds up only its own file.

The keys come from the models, so one that is added is tried too. `python -m tests.acceptance.test_hostile_files KIND REPORT`
runs `check` on each file of a kind, one after the other in one process, in the folder that it is started in.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from campaigner.campaign.campaign import Campaign, CardSpec, Edition, FollowUp, ImageSpec, Message, VideoSpec
from campaigner.campaign.config import AccountConfig, Config
from campaigner.fakes.mastodon import FakeMastodon
from campaigner.loading.custom_observances import OwnDay
from tests.acceptance.workplace import Workplace, account, at, campaign, message

SIZES = (1, 2, 4)
SECONDS, MEGABYTES = 1.0, 200
GROWTH = 5
"""What four times the size may take, in times."""
MEASURABLE = 0.25
MEASUREMENTS = 3
"""Others on the machine share its caches: what seems slow is measured again, and is slow where it always was."""
HANGS_AFTER = 20

SHAPES: Mapping[str, Callable[[int], Any]] = {
    "one long word": lambda size: "a" * 30_000 * size,
    "digits": lambda size: "1" * 30_000 * size,
    "spaces between": lambda size: "1d" + " " * 2_000 * size + "x",
    "brackets and colons": lambda size: "[{: " * 8_000 * size,
    "many words": lambda size: "a, " * 10_000 * size,
    "joined emoji": lambda size: "👩\u200d" * 4_000 * size,
    "flags": lambda size: "🇫" * 8_000 * size,
    "accents": lambda size: "a" + "\u0301\u0323" * 10_000 * size,
    "a long list": lambda size: [f"v{number}" for number in range(3_000 * size)],
    "a list of lists": lambda size: [[["x"] * 20] * 20] * 4 * size,
    "many names": lambda size: {f"n{number}": "x" for number in range(1_500 * size)},
    "names as languages": lambda size: {f"x-{number:07}": "text" for number in range(400 * size)},
}
CONFIG: Mapping[str, Any] = {
    "timezone": "Europe/Helsinki",
    "accounts": {"desk": {"platform": "console", "like": "x", "languages": ["en", "fi"]}},
}
DAY = {"names": {"en": "Our day"}, "rule": "18 December"}
MESSAGE = message("08:00", "Good morning", "Huomenta")


def with_campaign(**keys: Any) -> dict[str, str]:
    return {"campaigns/day.yaml": json.dumps({**json.loads(campaign({"morning": MESSAGE})), **keys})}


def with_message(**keys: Any) -> dict[str, str]:
    return {"campaigns/day.yaml": campaign({"morning": {**MESSAGE, **keys}})}


KINDS: Mapping[str, tuple[tuple[str, ...], Callable[[str, Any], dict[str, str]]]] = {
    "campaign": (Campaign.keys, lambda key, value: with_campaign(**{key: value})),
    "message": (Message.keys, lambda key, value: with_message(**{key: value})),
    "variant": (Message.keys, lambda key, value: with_message(variants={"x": {key: value}})),
    "edition": (
        tuple(Edition.model_fields),
        lambda key, value: with_campaign(editions={2020: {"theme" if key == "words" else key: value}}),
    ),
    "image": (tuple(ImageSpec.model_fields), lambda key, value: with_message(images=[{key: value}])),
    "video": (tuple(VideoSpec.model_fields), lambda key, value: with_message(video={key: value})),
    "card": (tuple(CardSpec.model_fields), lambda key, value: with_message(card={key: value})),
    "thread": (tuple(FollowUp.model_fields), lambda key, value: with_message(thread=[{key: value}])),
    "config": (Config.keys, lambda key, value: {"config.yaml": json.dumps({**CONFIG, key: value})}),
    "account": (
        (*AccountConfig.keys, "like", "server", "access_token"),
        lambda key, value: {
            "config.yaml": json.dumps({**CONFIG, "accounts": {"desk": {**CONFIG["accounts"]["desk"], key: value}}})
        },
    ),
    "own day": (OwnDay.keys, lambda key, value: {"observances.yaml": json.dumps({"our-day": {**DAY, key: value}})}),
}


def files_of(kind: str) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Each key with each shape, in every size. Texts by language are tried under a language too."""
    keys, write = KINDS[kind]
    for key in keys:
        for shape, make in SHAPES.items():
            yield f"{key}: {shape}", [write(key, make(size)) for size in SIZES]
            if shape in {"one long word", "joined emoji"}:
                yield f"{key} in English: {shape}", [write(key, {"en": make(size), "fi": "x"}) for size in SIZES]


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_is_read_in_bounded_time_and_memory(kind: str, place: Workplace) -> None:
    report = place.folder / "report"
    command = [sys.executable, "-m", "tests.acceptance.test_hostile_files", kind, str(report)]
    environment = {**place.environment_now(), "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        command,
        cwd=place.folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    tried = [json.loads(line) for line in report.read_text("utf-8").splitlines()]
    last = {one["name"]: one for one in tried}
    assert [one for one in last.values() if is_slow(one["seconds"])] == []
    assert [one for one in tried if one["megabytes"] > MEGABYTES] == []
    assert not [one for one in tried if set(one["codes"]) - {0, 1, 3}]


@pytest.mark.parametrize("shape", SHAPES)
def test_beside_a_hostile_file_another_campaign_goes_out_on_two_accounts(shape: str, place: Workplace) -> None:
    with FakeMastodon(accounts=("a", "b")) as server:
        place.write_config({name: {**account(server), **server.options(name)} for name in ("a", "b")})
        place.write("campaigns/migrants-day.yaml", campaign({"morning": MESSAGE}))
        hostile = SHAPES[shape](4)
        for number, written in enumerate(
            (with_campaign(late=hostile), with_message(text={"en": hostile, "fi": "x"}), with_message(variants=hostile))
        ):
            place.write(f"campaigns/hostile-{number}.yaml", written["campaigns/day.yaml"])
        place.move_to(at("07:55:00"))
        assert place.run("run", "--once").returncode in (1, 3)
        place.move_to(at("08:00:30"))
        place.run("run", "--once")
        found = [(posted.account, posted.text) for posted in server.visible]
    assert sorted(found)[:4] == sorted((name, text) for name in "ab" for text in ("Good morning", "Huomenta"))


def _memory() -> int:
    """The most that this process has held, in megabytes."""
    status = Path("/proc/self/status")
    return int(status.read_text().split("VmHWM:")[1].split()[0]) // 1000 if status.exists() else 0


def _check(files: Mapping[str, str]) -> tuple[float, int]:
    """Processor time of one `check` of these files, and its exit code."""
    from campaigner.cli.main import run

    Path("observances.yaml").unlink(missing_ok=True)
    Path("campaigns").mkdir(exist_ok=True)
    for name, text in {"config.yaml": json.dumps(CONFIG), **with_campaign(), **files}.items():
        Path(name).write_text(text, "utf-8")
    signal.setitimer(signal.ITIMER_PROF, HANGS_AFTER)
    started = _processor_time()
    code = run(["check"])
    return _processor_time() - started, code


def _processor_time() -> float:
    """Of this process and of those that it waited for: what others do on the machine is not counted."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def is_slow(seconds: Sequence[float]) -> bool:
    """Any size takes over a second, or the largest more than its share of what the smallest takes."""
    return max(seconds) > SECONDS or seconds[-1] > max(MEASURABLE, GROWTH * seconds[0])


def _row(name: str, sizes: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    before = _memory()
    found = [_check(files) for files in sizes]
    return {
        "name": name,
        "seconds": [round(seconds, 3) for seconds, _ in found],
        "codes": [code for _, code in found],
        "megabytes": _memory() - before,
    }


def _main(kind: str, report: Path) -> None:
    """Each row in a fork of its own: what one took is not counted for the next, and one that hangs is named."""
    _check({})
    gc.freeze()
    for name, sizes in files_of(kind):
        for _ in range(MEASUREMENTS):
            if not (pid := os.fork()):
                with report.open("a", encoding="utf-8") as written:
                    written.write(f"{json.dumps(_row(name, sizes))}\n")
                os._exit(0)
            _, status = os.waitpid(pid, 0)
            if status:
                sys.exit(f"{name}: {os.waitstatus_to_exitcode(status)}")
            if not is_slow(json.loads(report.read_text("utf-8").splitlines()[-1])["seconds"]):
                break


if __name__ == "__main__":
    _main(sys.argv[1], Path(sys.argv[2]))
