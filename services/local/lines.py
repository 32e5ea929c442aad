"""What `make up` shows of what the processes say: what a person wants to know, in words; all of it goes to files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from structlog.dev import ConsoleRenderer

SERVERS_OWN = "uvicorn.error"
"""Its "application startup complete" and the like tell nobody anything."""
QUIET = frozenset(("redis",))
"""Processes whose lines go to their files alone: a Redis warns of settings of a server that is not this one."""
KNOWN_ALREADY = ("timestamp", "process", "logger")

_render = ConsoleRenderer(colors=False, pad_event_to=0, pad_level=False)


def readable(process: str, line: str) -> str | None:
    """A line of a process as people read it, or None for what goes well and happens all the time."""
    try:
        told: Any = json.loads(line)
    except ValueError:
        told = None
    if not isinstance(told, dict) or "event" not in told:
        return None if process in QUIET else line
    if told.get("level") == "info" and (told.get("logger") == SERVERS_OWN or _went_well(told)):
        return None
    shown = {name: value for name, value in told.items() if name not in KNOWN_ALREADY}
    return str(_render(None, "", shown))


class Files:
    """Every line of every process as it is, in a file for each, new at every start."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._begun: set[str] = set()

    def keep(self, process: str, line: str) -> None:
        """Append a line to its process's file."""
        mode = "a" if process in self._begun else "w"
        self._begun.add(process)
        with (self.folder / f"{process}.log").open(mode, encoding="utf-8") as file:
            file.write(line + "\n")


def kept_and_shown(files: Files, show: Callable[[str, str], None]) -> Callable[[str, str], None]:
    """Keep every line, and show what is readable of it."""

    def say(process: str, line: str) -> None:
        files.keep(process, line)
        if (words := readable(process, line)) is not None:
            show(process, words)

    return say


def _went_well(told: dict[str, Any]) -> bool:
    return told["event"] == "http_request" and int(told.get("status", 0)) < 500
