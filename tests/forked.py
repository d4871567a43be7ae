"""The real command in a process of its own, forked from one that has imported everything: imports are most of a start.

`python -m tests.forked FD` is that one. It imports, starts no thread and runs no command; for each request that comes
over the socket FD it forks, and the fork becomes the command: its folder, environment and standard streams are those
that the test gave, and what it runs is `campaigner`'s own entry point, to the end of its threads. What a start itself
does (imports, options of the interpreter, streams that are closed) is not tried this way, nor how an interpreter takes
everything down that it has imported, which is most of an end: that is for `COMMAND`.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import pkgutil
import random
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock
from typing import Any, BinaryIO, NoReturn

COMMAND = str(Path(sys.executable).with_name("campaigner"))
ROOT = Path(__file__).parents[1]
AS_STARTED = {"PYTHONWARNINGS": "error::ResourceWarning", "LANG": "C.UTF-8"}
READ_AT_START = ("LD_", "DYLD_", "PYTHON", "LC_", "LANG", "TZ", "COVERAGE")
"""What an interpreter reads when it starts begins so: a fork would not see it."""
MORE_PATHS = "PYTHONPATH"
"""But for this, where it adds modules and hides none: a fork puts it where an interpreter would, before what is installed."""
LAZY = (
    "apscheduler.schedulers.background",
    "requests",
    "tweepy",
    "typer",
    "yaml",
)
"""What campaigner imports only when it is needed."""


def can_fork(environment: Mapping[str, str]) -> bool:
    """True when a fork would see everything of this environment that a new interpreter would."""
    special = {name: value for name, value in environment.items() if name.startswith(READ_AT_START)}
    return _hides_nothing(special.pop(MORE_PATHS, "")) and special == AS_STARTED


def _hides_nothing(paths: str) -> bool:
    names = {
        found.name.partition(".")[0] for path in filter(None, paths.split(os.pathsep)) for found in Path(path).iterdir()
    }
    if names & {"sitecustomize", "usercustomize"}:
        return False
    # A folder that is no package has no origin: it gives way to what is found later.
    return not any(spec.origin for name in names if name.isidentifier() and (spec := find_spec(name)))


def run_forked(
    arguments: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    typed: str | None = None,
    timeout: float = 60,
) -> subprocess.CompletedProcess[str]:
    """As `subprocess.run` of `campaigner` with these arguments, its output captured as text."""
    request = {"arguments": list(arguments), "folder": str(folder), "environment": dict(environment)}
    with TemporaryFile() as given, TemporaryFile() as out, TemporaryFile() as err:
        given.write((typed or "").encode())
        given.seek(0)
        code = _parent().run(request, (given, out, err), timeout)
        said, complained = (_text(stream) for stream in (out, err))
    return subprocess.CompletedProcess([COMMAND, *arguments], code, said, complained)


def _text(stream: BinaryIO) -> str:
    stream.seek(0)
    return stream.read().decode().replace("\r\n", "\n")


class _Parent:
    """The process that everything was imported in; it ends with ours."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-W", AS_STARTED["PYTHONWARNINGS"], "-m", "tests.forked", str(theirs.fileno())]
        environment = {"PATH": os.environ["PATH"], "LANG": AS_STARTED["LANG"]}
        # Streams that are no terminal, as those of the commands are: they take their places, under the same objects.
        null = subprocess.DEVNULL
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment, pass_fds=[theirs.fileno()], stdin=null, stdout=null
        )
        theirs.close()
        self._socket, self._lock = ours, Lock()

    def run(self, request: Mapping[str, Any], streams: Sequence[BinaryIO], timeout: float) -> int:
        written = json.dumps(request).encode("ascii")
        ours, theirs = socket.socketpair()
        with ours, theirs:
            with self._lock:
                descriptors = [*(stream.fileno() for stream in streams), theirs.fileno()]
                socket.send_fds(self._socket, [len(written).to_bytes(4, "big")], descriptors)
                self._socket.sendall(written)
            theirs.close()
            ours.settimeout(timeout)
            pid = _read_number(ours)
            try:
                return _read_number(ours)
            except TimeoutError as error:
                os.kill(pid, signal.SIGKILL)
                raise subprocess.TimeoutExpired("campaigner", timeout) from error


@cache
def _parent() -> _Parent:
    return _Parent()


def _read_number(connection: socket.socket) -> int:
    return int.from_bytes(_read(connection, 4), "big", signed=True)


def _read(connection: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        more = connection.recv(size - len(found))
        if not more:
            raise EOFError
        found += more
    return found


def _serve(requests: socket.socket) -> None:
    """Fork for every request, and tell how each fork ended, until no request can come any more."""
    running: dict[int, socket.socket] = {}
    ended, some_ended = socket.socketpair()
    some_ended.setblocking(False)
    signal.set_wakeup_fd(some_ended.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    with ended, some_ended:
        while True:
            ready, _, _ = select.select([requests, ended], [], [])
            if ended in ready:
                ended.recv(1024)
                _tell_ends(running)
            if requests in ready and not _fork(requests, running):
                return


def _fork(requests: socket.socket, running: dict[int, socket.socket]) -> bool:
    """Become what is asked for, in a fork; False when there is nobody any more to ask."""
    head, descriptors, *_ = socket.recv_fds(requests, 4, 4)
    if not head:
        return False
    request = json.loads(_read(requests, int.from_bytes(head, "big")))
    *streams, connection = descriptors
    if not (pid := os.fork()):
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _become(request, streams)
    for stream in streams:
        os.close(stream)
    running[pid] = socket.socket(fileno=connection)
    _tell(running[pid], pid)
    return True


def _tell_ends(running: dict[int, socket.socket]) -> None:
    while running and (found := os.waitpid(-1, os.WNOHANG))[0]:
        pid, status = found
        with running.pop(pid) as connection:
            _tell(connection, os.waitstatus_to_exitcode(status))


def _tell(connection: socket.socket, number: int) -> None:
    # Who asked may have lost its patience.
    with suppress(OSError):
        connection.sendall(number.to_bytes(4, "big", signed=True))


def _become(request: Mapping[str, Any], descriptors: Sequence[int]) -> NoReturn:
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
    os.closerange(3, 1024)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    random.seed()
    sys.argv = [COMMAND, *request["arguments"]]
    sys.path[0] = str(Path(COMMAND).parent)
    sys.path[1:1] = filter(None, request["environment"].get(MORE_PATHS, "").split(os.pathsep))
    from campaigner.cli.main import main

    try:
        main()
        code = 0
    except SystemExit as ended:
        code = ended.code
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    _end(code)


def _end(code: int) -> NoReturn:
    """End as an interpreter does, but for looking through everything that was imported: that copies it first."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
    except OSError:
        code = 120
    sys.stderr.flush()
    os._exit(code)


def _import_everything() -> None:
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"
    import campaigner

    for module in pkgutil.walk_packages(campaigner.__path__, "campaigner."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    for name in LAZY:
        import_module(name)
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    _import_everything()
    with socket.socket(fileno=int(sys.argv[1])) as connection:
        _serve(connection)
