"""`make up`: the whole stack in the foreground until Ctrl-C."""

import argparse
import datetime
import fcntl
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

from honcho.colour import get_colours
from honcho.environ import parse
from honcho.printer import Message, Printer

from services.local.lines import Files, kept_and_shown
from services.local.process import ROOT
from services.local.stack import Stack, StackFailed

STATE = ROOT / "var"
PID_FILE = "up.pid"
LOGS = "log"
REST_BETWEEN_LOOKS_S = 0.5


def main() -> int:
    """Run the stack until it is told to stop; 0 after Ctrl-C, 1 when it did not come up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="where the gateway listens")
    parser.add_argument("--state", type=Path, default=STATE, help="where Redis and the pictures are kept")
    parser.add_argument("--workers", type=int, default=1, help="editing workers; they share the cores")
    parser.add_argument("--verbose", action="store_true", help="show every line of every process as it is")
    wanted = parser.parse_args()
    if wanted.workers < 1:
        parser.error("--workers must be at least 1: without an editing worker no edit would ever end")
    wanted.state.mkdir(parents=True, exist_ok=True)
    with (wanted.state / PID_FILE).open("a+") as pid_file:
        if not _take(pid_file):
            print(f"A stack already runs on {wanted.state}; `make down` stops it.", file=sys.stderr)
            return 1
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _interrupt)
        settings, say, files = _dotenv(ROOT / ".env"), _printer(), Files(wanted.state / LOGS)
        print(f"Starting; a model takes its time to load. All logs: {files.folder}/*.log", flush=True)
        say = say if wanted.verbose else kept_and_shown(files, say)
        return _run(Stack(wanted.state, say, wanted.port, settings, wanted.workers))


def _run(stack: Stack) -> int:
    try:
        with stack:
            print(f"\n  DialogPaint is ready at {stack.url}  (API: {stack.url}/docs, Ctrl-C stops it)", flush=True)
            print(f"  For commands beside it: export REDIS_URL={stack.env['REDIS_URL']}\n", flush=True)
            while True:
                time.sleep(REST_BETWEEN_LOOKS_S)
                stack.revive()
    except KeyboardInterrupt:
        print("Stopped.", flush=True)
        return 0
    except StackFailed as failure:
        print(f"DialogPaint did not start: {failure}", file=sys.stderr)
        return 1


def _interrupt(_number: int, _frame: object) -> None:
    """Turn the first signal into a KeyboardInterrupt; the ones after it must not break the clean-up."""
    for later in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(later, signal.SIG_IGN)
    raise KeyboardInterrupt


def _take(pid_file: IO[str]) -> bool:
    """Write our pid into the file if nobody else holds it; the lock ends with this process."""
    with suppress(BlockingIOError):
        fcntl.flock(pid_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        pid_file.truncate(0)
        pid_file.write(str(os.getpid()))
        pid_file.flush()
        return True
    return False


def _dotenv(path: Path) -> dict[str, str]:
    """What .env sets, without what the environment sets already."""
    if not path.exists():
        return {}
    return {name: value for name, value in parse(path.read_text()).items() if name not in os.environ}


def _printer() -> Callable[[str, str], None]:
    """Print lines the way honcho does: time, coloured name, text."""
    printer = Printer(sys.stdout, width=len("dialogue"))
    colours = get_colours()
    colour_of: dict[str, str] = {}

    def say(name: str, line: str) -> None:
        colour = colour_of.setdefault(name, next(colours))
        printer.write(Message("line", line, datetime.datetime.now().astimezone(), name, colour))

    return say


if __name__ == "__main__":
    sys.exit(main())
