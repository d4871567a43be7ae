"""The token store: private, durable, and one refresh at a time."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from campaigner.errors import SurroundingsError
from campaigner.platforms.http import DEADLINE_SECONDS
from campaigner.platforms.tokens import LOCK_STEP_SECONDS, LOCK_TRIES, TokenStore

TOKENS = {"access": "a", "refresh": "r"}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_in_memory_without_a_folder() -> None:
    store = TokenStore(None, "desk")
    with store.locked():
        store.save(TOKENS)
    assert store.load() == TOKENS
    assert TokenStore(None, "desk").load() == {}


def test_another_process_finds_what_was_saved_and_nobody_else_can_read_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        TokenStore(tmp_path / "state", "desk").save(TOKENS)
    finally:
        os.umask(before)
    path = tmp_path / "state" / "tokens" / "desk.json"
    assert TokenStore(tmp_path / "state", "desk").load() == TOKENS
    assert TokenStore(tmp_path / "state", "other").load() == {}
    assert (mode(path), mode(path.parent), mode(path.parent.parent)) == (0o600, 0o700, 0o700)


def test_a_left_over_file_does_not_lend_its_rights(tmp_path: Path) -> None:
    folder = tmp_path / "tokens"
    folder.mkdir()
    (folder / "desk.new").write_text("left over by a crash")
    (folder / "desk.new").chmod(0o666)
    TokenStore(tmp_path, "desk").save(TOKENS)
    assert mode(folder / "desk.json") == 0o600
    assert TokenStore(tmp_path, "desk").load() == TOKENS


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe", b"null"])
def test_a_damaged_file_means_signing_in_again(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "tokens").mkdir()
    (tmp_path / "tokens" / "desk.json").write_bytes(content)
    assert TokenStore(tmp_path, "desk").load() == {}


def test_tokens_that_can_not_be_saved_are_told_of_without_showing_them(tmp_path: Path) -> None:
    (tmp_path / "tokens").write_text("a file where a folder was wanted")
    with pytest.raises(SurroundingsError, match="tokens of account desk can't be saved") as raised:
        TokenStore(tmp_path, "desk").save({"access": "very-secret"})
    assert "very-secret" not in str(raised.value) + raised.value.hint


def test_the_lock_is_for_one_at_a_time(tmp_path: Path) -> None:
    entered = threading.Event()
    first = TokenStore(tmp_path, "desk")

    def second() -> None:
        with TokenStore(tmp_path, "desk").locked():
            entered.set()

    with first.locked():
        thread = threading.Thread(target=second)
        thread.start()
        assert not entered.wait(0.3)
    assert entered.wait(5)
    thread.join()


def test_one_does_not_wait_for_ever_for_a_process_that_was_stopped(tmp_path: Path) -> None:
    other = TokenStore(tmp_path, "desk", lock_tries=1)
    with (
        TokenStore(tmp_path, "desk").locked(),
        pytest.raises(SurroundingsError, match="another process of campaigner is signing in"),
        other.locked(),
    ):
        pytest.fail("it was taken twice")
    assert LOCK_TRIES * LOCK_STEP_SECONDS < 2 * DEADLINE_SECONDS


def test_a_dead_process_frees_the_lock(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from campaigner.platforms.tokens import TokenStore\n"
        "with TokenStore(Path(sys.argv[1]), 'desk').locked(): os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", script, str(tmp_path)]).returncode == 9
    with TokenStore(tmp_path, "desk").locked():
        TokenStore(tmp_path, "desk").save(TOKENS)
