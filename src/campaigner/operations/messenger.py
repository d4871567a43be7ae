"""A process of its own for alerts: what a mail or chat server answers can't make campaigner wait, grow or say a secret.

Apprise reads an answer to its end, however long that takes and however large it is; here it is ended from outside.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

DEADLINE_SECONDS = 40.0
"""For one alert: to connect, to be answered, and the five seconds that Apprise keeps between two."""
MOST_BYTES = 512_000_000
"""Of memory. Apprise itself takes about 60 MB."""
Message = tuple[str, str]
"""Title and text."""


def send_all(
    urls: Sequence[str], messages: Sequence[Message], deadline_seconds: float = DEADLINE_SECONDS
) -> Generator[bool]:
    """Send one after the other to all `urls`; yields whether each was accepted, and ends after one that was not."""
    try:
        process = _start()
    except OSError:
        yield False
        return
    try:
        _write(process, list(urls))
        for message in messages:
            accepted = _write(process, message) and _is_accepted(process, deadline_seconds)
            yield accepted
            if not accepted:
                return
    finally:
        process.kill()
        with suppress(OSError):
            process.communicate()


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


def _is_accepted(process: subprocess.Popen[bytes], deadline_seconds: float) -> bool:
    assert process.stdout is not None
    with _killed_after(process, deadline_seconds):
        return process.stdout.readline() == b"true\n"


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
    """The child: URLs on the first line of stdin, a message on each of the others, `true` or `false` for each."""
    _bound_memory()
    from apprise import Apprise, AppriseAsset

    # A redirect would carry the alert, and some services' tokens with it, to another host.
    service = Apprise(asset=AppriseAsset(http_redirects=False))
    for url in json.loads(sys.stdin.readline()):
        service.add(url)
    for line in sys.stdin:
        title, text = json.loads(line)
        sys.stdout.write(f"{json.dumps(len(service) > 0 and bool(service.notify(body=text, title=title)))}\n")
        sys.stdout.flush()


def _bound_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has none
        return
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_DATA, (MOST_BYTES, MOST_BYTES))
