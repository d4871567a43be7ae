"""A server that says yes: enough of Mastodon's API for a burst, in a process of its own, with a latency to set."""

from __future__ import annotations

import asyncio
import itertools
import json
import sys


class Sink(asyncio.Protocol):
    """One connection. Answers every whole request, `latency` seconds after it came."""

    latency = 0.0
    numbers = itertools.count(1)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (whole := self._next()) is not None:
            asyncio.get_running_loop().call_later(self.latency, self._answer, whole)

    def _next(self) -> bytes | None:
        head, found, rest = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return None
        size = next(
            (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
        )
        if len(rest) < size:
            return None
        self.buffer = rest[size:]
        return head

    def _answer(self, head: bytes) -> None:
        number = str(next(self.numbers))
        found: object = {
            "id": number,
            "url": f"http://sink/{number}",
            "created_at": "2026-12-18T06:00:00.000Z",
            "acct": "sink",
        }
        if b"/statuses?" in head.partition(b"\r\n")[0]:
            # What the account has posted: nothing yet.
            found = []
        body = json.dumps(found).encode()
        if not self.transport.is_closing():
            self.transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body
            )


async def main(latency: float) -> None:
    Sink.latency = latency
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main(float(sys.argv[1])))
