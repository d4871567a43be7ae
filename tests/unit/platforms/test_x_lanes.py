"""Many X accounts that begin at the same moment: each on a lane of its own, in a process that has not loaded tweepy yet."""

from __future__ import annotations

import subprocess
import sys

import pytest

MANY_AT_ONCE = """
import sys, threading
from campaigner.clock import SystemClock
from campaigner.platforms.base import Connection, Unavailable
from campaigner.platforms.x import X, XOptions

sys.setswitchinterval(1e-6)
secrets = dict.fromkeys(("api_key", "api_secret", "access_token", "access_token_secret"), "secret-of-a-test")
options = XOptions(server="http://127.0.0.1:9", **secrets)
ready = threading.Barrier(32)
found = []

def lane():
    adapter = X(Connection(
        account="desk", options=options, secrets=secrets, clock=SystemClock(), folder=None, show=None, limits=X.profile
    ))
    ready.wait()
    found.append(type(adapter.identity()))

threads = [threading.Thread(target=lane) for _ in range(32)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert found == [Unavailable] * 32, found
"""


@pytest.mark.parametrize("time", range(4))
def test_lanes_that_begin_side_by_side_load_tweepy_whole(time: int) -> None:
    done = subprocess.run([sys.executable, "-c", MANY_AT_ONCE], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
