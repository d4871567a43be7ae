"""Where a ledger may lie: not on a network file system, not in a synced folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from campaigner.delivery.safety_gates import NETWORK_FILESYSTEMS, check_ledger_place
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
        "/srv/box/campaigner.db",
        "/srv/Box/campaigner.db",
        "/home/aino/work/MEGA/campaigner.db",
        "/home/aino/mega/campaigner.db",
        "/home/aino/Library/campaigner.db",
        "/home/aino/Documents/campaigner.db",
        "/home/aino/CloudStorage/campaigner.db",
        "/home/aino/OneDriver/campaigner.db",
        "/home/aino/Dropbox notes/campaigner.db",
        "/home/aino/sync/campaigner.db",
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
        ("/home/aino/Dropbox/campaigner.db", "in a folder that is synced (Dropbox)"),
        ("/home/aino/Dropbox (Team)/state/campaigner.db", "in a folder that is synced (Dropbox (Team))"),
        ("/home/aino/OneDrive - Office/campaigner.db", "in a folder that is synced (OneDrive - Office)"),
        ("/home/aino/Google Drive/campaigner.db", "in a folder that is synced (Google Drive)"),
        ("/home/aino/Nextcloud/campaigner.db", "in a folder that is synced (Nextcloud)"),
        ("/home/aino/Acme Dropbox/Aino/campaigner.db", "in a folder that is synced (Acme Dropbox)"),
        ("/home/aino/pCloudDrive/campaigner.db", "in a folder that is synced (pCloudDrive)"),
        ("/home/aino/Box/campaigner.db", "in a folder that is synced (Box)"),
        ("/Users/aino/MEGA/state/campaigner.db", "in a folder that is synced (MEGA)"),
        ("/Users/aino/Library/CloudStorage/OneDrive-Office/a/c.db", "in a folder that is synced (OneDrive-Office)"),
        ("/Users/aino/Library/CloudStorage/GoogleDrive-a@b.fi/My Drive/c.db", "synced (GoogleDrive-a@b.fi)"),
        ("/Users/aino/Library/Mobile Documents/com~apple~CloudDocs/a/c.db", "in a folder that is synced (iCloud)"),
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


MARKS = [".stfolder", ".dropbox.cache", ".sync_0a1b2c3d4e5f.db", "._sync_0a1b2c3d4e5f.db", ".sync/ID", ".megaignore"]


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("depth", ["", "state", "office/state"])
def test_what_a_syncing_program_leaves_in_a_folder_tells_of_it(tmp_path: Path, mark: str, depth: str) -> None:
    (tmp_path / mark).parent.mkdir(exist_ok=True)
    (tmp_path / mark).touch()
    with pytest.raises(RefusedError, match="in a folder that is synced"):
        check_ledger_place(tmp_path / depth / "campaigner.db", MOUNTS)
    check_ledger_place(tmp_path.parent / "campaigner.db", MOUNTS)


def test_a_link_into_a_synced_folder_and_a_synced_folder_that_is_a_link(tmp_path: Path) -> None:
    (tmp_path / "Dropbox (Personal)/office").mkdir(parents=True)
    (tmp_path / "office").symlink_to(tmp_path / "Dropbox (Personal)/office")
    (tmp_path / "disk").mkdir()
    (tmp_path / "OneDrive").symlink_to(tmp_path / "disk")
    for folder in ("office", "OneDrive"):
        with pytest.raises(RefusedError):
            check_ledger_place(tmp_path / folder / "state" / "campaigner.db", MOUNTS)
    check_ledger_place(tmp_path / "OneDrive" / ".." / "campaigner.db", MOUNTS)


@pytest.mark.parametrize("folder", ["Desktop", "Documents"])
def test_a_macs_desktop_and_documents_where_icloud_has_them(tmp_path: Path, folder: str) -> None:
    ledger = tmp_path / folder / "office" / "campaigner.db"
    check_ledger_place(ledger, MOUNTS)
    (tmp_path / "Library/Mobile Documents/com~apple~CloudDocs" / folder).mkdir(parents=True)
    with pytest.raises(RefusedError, match="iCloud"):
        check_ledger_place(ledger, MOUNTS)
