"""What a terminal shows: text, a line that counts steps, and pictures in half blocks where it can."""

import importlib.util
import io
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from dialogpaint.models import Event
from dialogpaint.pictures import Picture

PICTURE_COLUMNS = 48
BAR_COLUMNS = 24
CLEAR_LINE = "\r\x1b[K"


class Screen:
    """Where a command writes: for people, or one JSON value a line for scripts."""

    def __init__(self, as_json: bool, out: TextIO, environ: Mapping[str, str]) -> None:
        self.as_json = as_json
        self._out = out
        self._is_terminal = out.isatty() and not as_json and environ.get("TERM") != "dumb"
        self._draws = self._is_terminal and _has_true_colour(environ) and importlib.util.find_spec("PIL") is not None
        self._folder: Path | None = None
        self._shown = 0

    def say(self, text: str) -> None:
        """Write a line for people; scripts get none."""
        if not self.as_json:
            print(text, file=self._out, flush=True)

    def tell(self, value: Mapping[str, Any]) -> None:
        """Write a JSON value for scripts; people get none."""
        if self.as_json:
            print(json.dumps(value, ensure_ascii=False), file=self._out, flush=True)

    def write(self, text: str) -> None:
        """Write text that is for people and scripts alike, as it is."""
        self._out.write(text)
        self._out.flush()

    def show(self, picture: Picture) -> None:
        """Draw a picture, or keep it in a temporary folder and say where."""
        if self.as_json:
            return
        if self._draws:
            columns = min(PICTURE_COLUMNS, shutil.get_terminal_size().columns - 2)
            self.say("\n".join(half_blocks(picture.data, columns)))
            return
        self._folder = self._folder or Path(tempfile.mkdtemp(prefix="dialogpaint-"))
        self._shown += 1
        self.say(f"  picture: {picture.save(self._folder / f'{self._shown}.png')}")

    def count(self, event: Event) -> None:
        """Show how far an edit is, in a line that is written over."""
        if not self._is_terminal:
            return
        line = "" if event.is_terminal else progress_line(event)
        if line or event.is_terminal:
            self._out.write(CLEAR_LINE + line)
            self._out.flush()

    def clear(self) -> None:
        """Take the counting line away."""
        if self._is_terminal:
            self._out.write(CLEAR_LINE)
            self._out.flush()


def screen_for(as_json: bool) -> Screen:
    """The screen of this process."""
    return Screen(as_json, sys.stdout, os.environ)


def progress_line(event: Event) -> str:
    """A bar for an event that tells of steps, a word for those before it, nothing for others."""
    step, steps = event.data.get("step"), event.data.get("steps")
    if event.event == "edit.progress" and isinstance(step, int) and isinstance(steps, int) and steps:
        full = BAR_COLUMNS * step // steps
        return f"  [{'█' * full}{'·' * (BAR_COLUMNS - full)}] step {step} of {steps}"
    return {"edit.queued": "  waiting for a worker …", "edit.started": "  beginning …"}.get(event.event, "")


def half_blocks(data: bytes, columns: int) -> list[str]:
    """Return lines that draw a picture in 24-bit colour, two pixels a character, `columns` characters wide."""
    from PIL import Image  # the one thing that needs it

    with Image.open(io.BytesIO(data)) as opened:
        height = max(2, opened.height * columns // opened.width // 2 * 2)
        pixels = opened.convert("RGB").resize((columns, height), Image.Resampling.BOX).tobytes()
    row = 3 * columns
    return [
        "  "
        + "".join(_cell(pixels[at : at + 3], pixels[at + row : at + row + 3]) for at in range(top, top + row, 3))
        + "\x1b[0m"
        for top in range(0, row * height, 2 * row)
    ]


def _cell(upper: bytes, lower: bytes) -> str:
    return "\x1b[38;2;{};{};{};48;2;{};{};{}m▀".format(*upper, *lower)


def _has_true_colour(environ: Mapping[str, str]) -> bool:
    return environ.get("COLORTERM") in ("truecolor", "24bit") and not environ.get("NO_COLOR")
