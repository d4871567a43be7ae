"""Where a ledger may lie: not on a network file system, not in a synced folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from campaigner.delivery.gates import NETWORK_FILESYSTEMS, check_ledger_place
from campaigner.errors import ExitCode, RefusedError

MOUNTS = [
    ("/", "ext4"),
    ("/net", "nfs4"),
    ("/net/own disk", "xfs"),
    ("/netting", "ext4"),
    ("/home", "btrfs"),
    ("/home/aino/far", "fuse.sshfs"),
]
"""Longer mount points lie over shorter ones, whatever the order."""


@pytest.mark.parametrize(
    "path",
    [
        "/srv/campaigner/state/campaigner.db",
        "/home/aino/campaigner.db",
        "/netting/campaigner.db",
        "/net/own disk/campaigner.db",
        "/home/aino/Dropbox.db",
        "/home/aino/dropboxes/campaigner.db",
        "/home/farther/campaigner.db",
    ],
)
@pytest.mark.parametrize("mounts", [MOUNTS, MOUNTS[::-1]], ids=["in order", "in reverse"])
def test_a_disk_of_this_machine_is_a_good_place(path: str, mounts: list[tuple[str, str]]) -> None:
    check_ledger_place(Path(path), mounts)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/net/campaigner.db", "on a network file system (nfs4)"),
        ("/net/deep/er/campaigner.db", "on a network file system (nfs4)"),
        ("/home/aino/far/campaigner.db", "on a network file system (fuse.sshfs)"),
        ("/home/aino/Dropbox/campaigner.db", "in a folder that is synced (dropbox)"),
        ("/home/aino/Dropbox (Team)/state/campaigner.db", "in a folder that is synced (dropbox)"),
        ("/home/aino/OneDrive - Office/campaigner.db", "in a folder that is synced (onedrive)"),
        ("/home/aino/Google Drive/campaigner.db", "in a folder that is synced (google drive)"),
        ("/home/aino/Nextcloud/campaigner.db", "in a folder that is synced (nextcloud)"),
    ],
)
@pytest.mark.parametrize("mounts", [MOUNTS, MOUNTS[::-1]], ids=["in order", "in reverse"])
def test_what_two_machines_may_write_is_refused(path: str, words: str, mounts: list[tuple[str, str]]) -> None:
    with pytest.raises(RefusedError) as refused:
        check_ledger_place(Path(path), mounts)
    assert words in str(refused.value)
    assert refused.value.exit_code is ExitCode.REFUSED


@pytest.mark.parametrize("kind", sorted(NETWORK_FILESYSTEMS))
def test_every_network_file_system_that_is_known(kind: str) -> None:
    with pytest.raises(RefusedError):
        check_ledger_place(Path("/far/campaigner.db"), [("/", "ext4"), ("/far", kind)])


def test_a_link_is_followed_to_where_the_ledger_really_lies(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "near").symlink_to(tmp_path / "far")
    mounts = [("/", "ext4"), (str(tmp_path / "far"), "cifs")]
    with pytest.raises(RefusedError):
        check_ledger_place(tmp_path / "near" / "campaigner.db", mounts)
