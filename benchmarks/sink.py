"""A server that says yes: enough of Mastodon's API for a burst, in a process of its own, with a latency to set.

    python benchmarks/sink.py SECONDS

Whoever asks is told who he is by his token; a repeated Idempotency-Key gets the first answer again. `GET /tally` tells what
has come.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

NUMBERS = itertools.count(1)


@dataclass
class Tally:
    """What has come. `statuses`: those of each token, oldest first; `arrivals`: wall time of every publishing call."""

    statuses: defaultdict[bytes, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    by_key: dict[bytes, dict[str, Any]] = field(default_factory=dict)
    arrivals: list[float] = field(default_factory=list)
    calls: int = 0
    connections: int = 0

    def publish(self, token: bytes, key: bytes, body: bytes) -> dict[str, Any]:
        if key in self.by_key:
            return self.by_key[key]
        text = json.loads(body)["status"]
        number = str(next(NUMBERS))
        status = {"id": number, "url": f"http://sink/@a/{number}", "content": text, "created_at": _now()}
        self.by_key[key] = status
        self.statuses[token].append(status)
        return status

    def read(self) -> dict[str, Any]:
        texts = Counter((token, one["content"]) for token, found in self.statuses.items() for one in found)
        return {
            "posts": len(texts),
            "twice": sum(texts.values()) - len(texts),
            "arrivals": self.arrivals,
            "calls": self.calls,
            "connections": self.connections,
        }


class Sink(asyncio.Protocol):
    """One connection. Answers every whole request, `latency` seconds after it came."""

    latency = 0.0
    tally = Tally()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.buffer = b""
        self.has_published = False

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (request := self._next()) is not None:
            answer = json.dumps(self._answer(*request)).encode()
            asyncio.get_running_loop().call_later(self.latency, self._write, answer)

    def _next(self) -> tuple[bytes, bytes] | None:
        head, found, rest = self.buffer.partition(b"\r\n\r\n")
        size = int(_header(head, b"content-length") or 0)
        if not found or len(rest) < size:
            return None
        self.buffer = rest[size:]
        return head, rest[:size]

    def _answer(self, head: bytes, body: bytes) -> object:
        tally, token = Sink.tally, _header(head, b"authorization")
        if head.startswith(b"GET /tally"):
            return tally.read()
        tally.calls += 1
        if head.startswith(b"POST /api/v1/statuses"):
            tally.connections += not self.has_published
            self.has_published = True
            tally.arrivals.append(time.time())
            return tally.publish(token, _header(head, b"idempotency-key"), body)
        path = head.partition(b"\r\n")[0]
        if b"/statuses" in path:  # the newest; no account here has two pages
            return [] if b"max_id=" in path else tally.statuses[token][:-41:-1]
        return {"id": token.decode().rpartition(" ")[2], "acct": "sink"}

    def _write(self, body: bytes) -> None:
        head = f"HTTP/1.1 200 OK\r\nDate: {formatdate(usegmt=True)}\r\nContent-Type: application/json\r\n"
        if not self.transport.is_closing():
            self.transport.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)


def _header(head: bytes, name: bytes) -> bytes:
    """The value of a header; empty where there is none."""
    lines = (line.partition(b":") for line in head.split(b"\r\n"))
    return next((value.strip() for found, _, value in lines if found.lower() == name), b"")


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())


async def main(latency: float) -> None:
    Sink.latency = latency
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1])))
