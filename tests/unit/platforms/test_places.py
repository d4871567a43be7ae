"""Which post a copied address shows, and which addresses show none of this account."""

from __future__ import annotations

import pytest

from campaigner.campaign.config import Secret
from campaigner.platforms.bluesky import Bluesky, BlueskyOptions
from campaigner.platforms.mastodon import Mastodon, MastodonOptions
from campaigner.platforms.x import X

SECRET = Secret(kind="env", name="A")
OURS, DID = "https://social.example", "did:plc:ours"
FLAKE = "AbCdEfGhIjKlMnOpQr"


@pytest.mark.parametrize(
    ("written", "id"),
    [
        ("https://x.com/us/status/17", "17"),
        ("https://twitter.com/us/status/17?s=20", "17"),
        ("https://mobile.x.com/us/status/17/photo/1", "17"),
        ("https://x.com/i/web/status/17", "17"),
        ("17", "17"),
        ("https://x.com/us", None),
        ("https://x.com/us/status/soon", None),
        ("https://x.com.example/us/status/17", None),
        ("https://social.example/us/status/17", None),
        ("17/18", None),
        ("", None),
    ],
)
def test_on_x(written: str, id: str | None) -> None:
    assert X.post_id(None, None, written) == id


@pytest.mark.parametrize(
    ("address", "id"),
    [
        (f"{OURS}/@us/17", "17"),
        (f"{OURS}/@us/17?x=1#y", "17"),
        (f"{OURS}/users/us/statuses/17", "17"),
        (f"{OURS}/web/statuses/17", "17"),
        (f"{OURS}/deck/@us/17", "17"),
        (f"{OURS}/@us/statuses/01HQ0000000000000000000000", "01HQ0000000000000000000000"),
        (f"{OURS}/@us@social.example/posts/17/", "17"),
        (f"{OURS}/notice/{FLAKE}", FLAKE),
        (f"{OURS}/p/us/17", "17"),
        (f"{OURS}/@us@elsewhere.example/17", None),
        (f"{OURS}/@us/media", None),
        (f"{OURS}/@us", None),
        (f"{OURS}/about", None),
        ("https://elsewhere.example/@us/17", None),
        ("http://social.example/@us/17", None),
        ("https://[social.example/@us/17", None),
    ],
)
def test_on_mastodon(address: str, id: str | None) -> None:
    assert Mastodon.post_id(MastodonOptions(server=OURS, access_token=SECRET), None, address) == id


@pytest.mark.parametrize(
    ("address", "is_ours"),
    [
        ("https://bsky.app/profile/Us.example/post/3kabc", True),
        ("https://bsky.app/profile/us.example/post/3kabc?ref=1", True),
        (f"https://bsky.app/profile/{DID}/post/3kabc", True),
        (f"at://{DID}/app.bsky.feed.post/3kabc", True),
        ("https://bsky.app/profile/did:plc:theirs/post/3kabc", False),
        ("https://bsky.app/profile/them.example/post/3kabc", False),
        (f"at://{DID}/app.bsky.feed.like/3kabc", False),
        ("https://bsky.app/profile/us.example", False),
    ],
)
def test_on_bluesky(address: str, is_ours: bool) -> None:
    assert Bluesky.post_id(BlueskyOptions(handle="us.example", app_password=SECRET), DID, address) == (
        f"at://{DID}/app.bsky.feed.post/3kabc" if is_ours else None
    )


@pytest.mark.parametrize("signs_in_as", ["press@example.org", DID])
def test_on_bluesky_where_the_handle_is_not_known(signs_in_as: str) -> None:
    address = "https://bsky.app/profile/us.example/post/3kabc"
    assert (
        Bluesky.post_id(BlueskyOptions(handle=signs_in_as, app_password=SECRET), None, address)
        == "at://us.example/app.bsky.feed.post/3kabc"
    )
