"""`make down`: stop the stack that `make up` of this folder started, wherever its terminal is."""

import fcntl
import os
import signal
import sys
import time

from services.local.up import PID_FILE, STATE

PATIENCE_S = 60.0


def main() -> int:
    """Ask the supervisor to stop and wait until it has; 0 also when none runs."""
    pid = _supervisor()
    if pid is None:
        print("Nothing is running here.")
        return 0
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if _supervisor() is None:
            print("Stopped.")
            return 0
        time.sleep(0.1)
    print(f"The supervisor (pid {pid}) is still stopping after {PATIENCE_S:.0f} s.", file=sys.stderr)
    return 1


def _supervisor() -> int | None:
    """The pid of the running supervisor: the one that holds the lock, never merely an old number in a file."""
    try:
        with (STATE / PID_FILE).open("r+") as pid_file:
            try:
                fcntl.flock(pid_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(pid_file.read() or 0) or None
    except FileNotFoundError:
        pass
    return None


if __name__ == "__main__":
    sys.exit(main())
