"""`python -m campaigner.fakes mastodon|bluesky|x|proxy`: one fake as a process, or the proxy of faults before any server."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Sequence

from . import PLATFORMS, fake
from .base import ACCOUNT
from .proxy import FakeServer, FaultProxy


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or Ctrl-C; the first line printed is the URL."""
    parser = argparse.ArgumentParser(prog="python -m campaigner.fakes", description=__doc__)
    parser.add_argument("platform", choices=[*PLATFORMS, "proxy"])
    parser.add_argument("--port", type=int, default=0, help="default: any that is free")
    parser.add_argument("--account", action="append", help=f"a name; may be repeated (default: {ACCOUNT})")
    parser.add_argument("--upstream", help="the URL behind the proxy")
    asked = parser.parse_args(arguments)
    if (asked.platform == "proxy") != (asked.upstream is not None):
        parser.error("--upstream belongs to proxy, and proxy needs it")
    server: FakeServer = (
        FaultProxy(asked.upstream, port=asked.port)
        if asked.upstream
        else fake(asked.platform, accounts=asked.account or [ACCOUNT], port=asked.port)
    )
    signal.signal(signal.SIGTERM, lambda *_: server.stopping.set())
    signal.signal(signal.SIGINT, lambda *_: server.stopping.set())
    with server:
        print(server.url, flush=True)
        server.stopping.wait()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
