"""With which status a command ends."""

from enum import IntEnum


class Exit(IntEnum):
    """The exit statuses; `dialogpaint --help` prints them."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NO_SERVER = 3
    STILL_RUNNING = 4
    INTERRUPTED = 130


MEANINGS = {
    Exit.DONE: "done",
    Exit.FAILED: "the edit failed or was cancelled, or the server refused the request",
    Exit.USAGE: "the command was not written right, or a file can't be read or written",
    Exit.NO_SERVER: "the server can't be reached, or is not ready (doctor says what is missing)",
    Exit.STILL_RUNNING: "the edit was not over in time; it goes on",
    Exit.INTERRUPTED: "Ctrl-C; its edit has been cancelled (a second Ctrl-C does not wait for that)",
}
