"""A process of its own for alerts: what a mail or chat server answers can't make campaigner wait, grow or say a secret.

Apprise reads an answer to its end, however long that takes and however large it is; here it is ended from outside.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

DEADLINE_SECONDS = 40.0
"""For one alert: to connect, to be answered, and the five seconds that Apprise keeps between two."""
MOST_BYTES = 512_000_000
"""Of memory. Apprise itself takes about 60 MB."""
Message = tuple[str, str]
"""Title and text."""
ANSWERS = (b"true\n", b"false\n")


class AppriseProcess:
    """Sends to one URL, through a child that is started when it is needed. For one thread, but for `close`."""

    def __init__(self, url: str, deadline_seconds: float = DEADLINE_SECONDS) -> None:
        self._url = url
        self._deadline_seconds = deadline_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._closing = threading.Lock()
        self._closed = False

    def accepts(self, message: Message) -> bool:
        """Send one message; True when the service has taken it."""
        process = self._living()
        if process is None:
            return False
        answer = b""
        with _killed_after(process, self._deadline_seconds):
            if _write(process, message):
                assert process.stdout is not None
                answer = process.stdout.readline()
        if answer not in ANSWERS:
            # It did not live to say so.
            self.rest()
        return answer == b"true\n"

    def rest(self) -> None:
        """Let the child end: between two messages that are far apart there is none."""
        if self._process is not None:
            _end(self._process)
            self._process = None

    def close(self) -> None:
        """Accept nothing more, and end a message that is on its way."""
        with self._closing:
            self._closed = True
            if self._process is not None:
                self._process.kill()

    def _living(self) -> subprocess.Popen[bytes] | None:
        with self._closing:
            if self._process is None and not self._closed:
                with suppress(OSError):
                    self._process = _start()
                if self._process is not None:
                    _write(self._process, self._url)
            return self._process


def _start() -> subprocess.Popen[bytes]:
    """A child that neither Ctrl-C nor our own output reaches, and that imports nothing from the working folder (-P).

    What is secret comes to it by its stdin alone.
    """
    return subprocess.Popen(  # noqa: S603 - our own interpreter and our own words
        [sys.executable, "-P", "-c", f"from {__name__} import main; main()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        # requests would put a login of ~/.netrc in place of the token that an alert's URL holds.
        env={**os.environ, "NETRC": os.devnull},
    )


def _write(process: subprocess.Popen[bytes], value: Any) -> bool:
    assert process.stdin is not None
    try:
        process.stdin.write(json.dumps(value).encode() + b"\n")
        process.stdin.flush()
    except OSError:
        return False
    return True


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    with suppress(OSError):
        process.communicate()


@contextmanager
def _killed_after(process: subprocess.Popen[bytes], seconds: float) -> Iterator[None]:
    watchdog = threading.Timer(seconds, process.kill)
    watchdog.daemon = True
    watchdog.start()
    try:
        yield
    finally:
        watchdog.cancel()


def main() -> None:
    """The child: the URL on the first line of stdin, a message on each of the others, `true` or `false` for each."""
    _bound_memory()
    from apprise import Apprise, AppriseAsset

    # A redirect would carry the alert, and some services' tokens with it, to another host.
    service = Apprise(asset=AppriseAsset(http_redirects=False))
    service.add(json.loads(sys.stdin.readline()))
    for line in sys.stdin:
        title, text = json.loads(line)
        sys.stdout.write(
            f"{json.dumps(len(service) > 0 and bool(service.notify(body=text, title=title, body_format='text')))}\n"
        )
        sys.stdout.flush()


def _bound_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has none
        return
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_DATA, (MOST_BYTES, MOST_BYTES))
