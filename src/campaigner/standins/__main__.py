"""`python -m campaigner.standins x|mastodon|bluesky [--port N]`: one stand-in as a process; proxy needs --upstream."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Sequence

from .server import LoopbackServer
from .standin import ACCOUNT


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or Ctrl-C; the first line printed is the URL."""
    parser = argparse.ArgumentParser(prog="python -m campaigner.standins", description=__doc__)
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


def make(platform: str, *, accounts: Sequence[str], port: int = 0, upstream: str | None = None) -> LoopbackServer:
    """The stand-in for a platform; only the one asked for is imported."""
    match platform:
        case "x":
            from .x import XStandIn

            return XStandIn(accounts=accounts, port=port)
        case "mastodon":
            from .mastodon import MastodonStandIn

            return MastodonStandIn(accounts=accounts, port=port)
        case "bluesky":
            from .bluesky import BlueskyStandIn

            return BlueskyStandIn(accounts=accounts, port=port)
        case "proxy":
            from .proxy import FaultProxy

            return FaultProxy(upstream or "", port=port)
    raise ValueError(f"there is no stand-in for {platform}")


if __name__ == "__main__":
    raise SystemExit(main())
