"""A server that says yes: enough of Mastodon's API for a burst, in a process of its own, with a latency to set.

`GET /tally` tells of what was posted since the last `POST /reset`: how many, how many twice (by Idempotency-Key), the seconds
between the first and the last arrival and the wall time of the first, connections, and the most calls in flight.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time


class Tally:
    def __init__(self) -> None:
        self.keys: list[bytes] = []
        self.arrivals: list[float] = []
        self.connections = self.in_flight = self.most_in_flight = 0

    def read(self) -> dict[str, float]:
        first, last = (self.arrivals[0], self.arrivals[-1]) if self.arrivals else (0.0, 0.0)
        return {
            "posts": len(self.keys),
            "twice": len(self.keys) - len(set(self.keys)),
            "seconds": last - first,
            "first_at": first,
            "connections": self.connections,
            "most_in_flight": self.most_in_flight,
        }


class Sink(asyncio.Protocol):
    """One connection. Answers every whole request, `latency` seconds after it came."""

    latency = 0.0
    numbers = itertools.count(1)
    tally = Tally()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.buffer = b""
        self.has_posted = False

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (whole := self._next()) is not None:
            if whole.startswith(b"POST /api/v1/statuses"):
                self._count(whole)
            asyncio.get_running_loop().call_later(self.latency, self._answer, whole)

    def _count(self, head: bytes) -> None:
        tally = Sink.tally
        tally.connections += not self.has_posted
        self.has_posted = True
        tally.arrivals.append(time.time())
        tally.keys.append(_header(head, b"idempotency-key"))
        tally.in_flight += 1
        tally.most_in_flight = max(tally.most_in_flight, tally.in_flight)

    def _next(self) -> bytes | None:
        head, found, rest = self.buffer.partition(b"\r\n\r\n")
        size = int(_header(head, b"content-length") or 0)
        if not found or len(rest) < size:
            return None
        self.buffer = rest[size:]
        return head

    def _answer(self, head: bytes) -> None:
        line = head.partition(b"\r\n")[0]
        number = str(next(self.numbers))
        created = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
        found: object = {"id": number, "url": f"http://sink/@sink/{number}", "created_at": created, "acct": "sink"}
        if line.startswith(b"GET") and b"/statuses" in line:
            # What the account has posted: nothing yet.
            found = []
        elif line.startswith(b"GET /tally"):
            found = Sink.tally.read()
        elif line.startswith(b"POST /reset"):
            Sink.tally = Tally()
        elif line.startswith(b"POST /api/v1/statuses"):
            Sink.tally.in_flight -= 1
        body = json.dumps(found).encode()
        if not self.transport.is_closing():
            self.transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body
            )


def _header(head: bytes, name: bytes) -> bytes:
    """The value of a header; empty where there is none."""
    lines = (line.partition(b":") for line in head.split(b"\r\n"))
    return next((value.strip() for found, _, value in lines if found.lower() == name), b"")


async def main(latency: float) -> None:
    Sink.latency = latency
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1])))
