"""Every figure of docs/explanation/performance.md, by one command.

    python -m benchmarks [--quick] [--only NAME]…

Whole processes on this machine; every figure that is a ratio was taken beside what it is compared with, in the same round.
The rows are printed, and written into the page unless `--quick` (two rounds, for work) was said.
"""

from __future__ import annotations

import argparse
import compileall

from . import burst, check, kill, path, plan, start, table, trickle
from .path import SOURCE

PARTS = {
    "path": path.rows,
    "start": start.rows,
    "check": check.rows,
    "burst": burst.rows,
    "connections": burst.connections,
    "trickle": trickle.rows,
    "plan": plan.rows,
    "kill": kill.rows,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--quick", action="store_true", help="two rounds, nothing is written")
    parser.add_argument("--only", action="append", choices=PARTS, help="this part alone; may be given more than once")
    arguments = parser.parse_args()
    # As it is where it was installed: a checkout may not be compiled.
    compileall.compile_dir(str(SOURCE), quiet=1)
    rounds = 2 if arguments.quick else 5
    machine = table.machine(rounds)
    print(f"{machine}\n\n{table.HEAD}", end="", flush=True)
    for part in arguments.only or PARTS:
        for row in PARTS[part](rounds):
            print(row, flush=True)
            if not arguments.quick:
                table.write(row, machine)


if __name__ == "__main__":
    main()
