"""`python -m campaigner.fakes x|mastodon|bluesky [--port N]`: one fake as a process; proxy needs --upstream."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Sequence

from .base import ACCOUNT
from .proxy import FakeServer


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or Ctrl-C; the first line printed is the URL."""
    parser = argparse.ArgumentParser(prog="python -m campaigner.fakes", description=__doc__)
    parser.add_argument("platform", choices=["x", "mastodon", "bluesky", "proxy"])
    parser.add_argument("--port", type=int, default=0, help="default: any that is free")
    parser.add_argument("--account", action="append", help=f"a name; may be repeated (default: {ACCOUNT})")
    parser.add_argument("--upstream", help="the URL behind the proxy")
    asked = parser.parse_args(arguments)
    if (asked.platform == "proxy") != (asked.upstream is not None):
        parser.error("--upstream belongs to proxy, and proxy needs it")
    server = make(asked.platform, accounts=asked.account or [ACCOUNT], port=asked.port, upstream=asked.upstream)
    signal.signal(signal.SIGTERM, lambda *_: server.stopping.set())
    signal.signal(signal.SIGINT, lambda *_: server.stopping.set())
    with server:
        print(server.url, flush=True)
        server.stopping.wait()
    return 0


def make(platform: str, *, accounts: Sequence[str], port: int = 0, upstream: str | None = None) -> FakeServer:
    """The fake for a platform; only the one asked for is imported."""
    match platform:
        case "x":
            from .x import FakeX

            return FakeX(accounts=accounts, port=port)
        case "mastodon":
            from .mastodon import FakeMastodon

            return FakeMastodon(accounts=accounts, port=port)
        case "bluesky":
            from .bluesky import FakeBluesky

            return FakeBluesky(accounts=accounts, port=port)
        case "proxy":
            from .proxy import FaultProxy

            return FaultProxy(upstream or "", port=port)
    raise ValueError(f"there is no fake for {platform}")


if __name__ == "__main__":
    raise SystemExit(main())
