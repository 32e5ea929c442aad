"""What a terminal shows, and what it does not get if it can't show it."""

import io
import json

import pytest
from PIL import Image

from dialogpaint import Event, Picture
from dialogpaint.cli.screen import Screen, half_blocks, progress_line


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def picture() -> Picture:
    """Two rows: red above blue."""
    image = Image.new("RGB", (4, 4), "red")
    image.paste("blue", (0, 2, 4, 4))
    file = io.BytesIO()
    image.save(file, format="PNG")
    return Picture("img_1", "image/png", file.getvalue())


def test_a_character_shows_one_pixel_above_another() -> None:
    assert half_blocks(picture().data, columns=2) == ["  " + 2 * "\x1b[38;2;255;0;0;48;2;0;0;255m▀" + "\x1b[0m"]


@pytest.mark.parametrize(
    ("environ", "draws"),
    [
        ({"COLORTERM": "truecolor"}, True),
        ({"COLORTERM": "24bit"}, True),
        ({}, False),
        ({"COLORTERM": "truecolor", "NO_COLOR": "1"}, False),
        ({"COLORTERM": "truecolor", "TERM": "dumb"}, False),
    ],
)
def test_pictures_are_drawn_where_there_are_colours_and_else_kept_in_files(
    environ: dict[str, str], draws: bool
) -> None:
    out = Terminal()
    Screen(False, out, environ).show(picture())
    assert ("▀" in out.getvalue()) == draws
    assert (".png" in out.getvalue()) != draws


def test_scripts_get_json_and_nothing_else() -> None:
    out = Terminal()
    screen = Screen(True, out, {"COLORTERM": "truecolor"})
    screen.say("hello")
    screen.show(picture())
    screen.count(Event(id=1, event="edit.progress", data={"step": 1, "steps": 2}))
    screen.tell({"says": "hello\n“you”"})
    assert [json.loads(line) for line in out.getvalue().splitlines()] == [{"says": "hello\n“you”"}]


def test_what_is_no_terminal_gets_no_line_that_is_written_over() -> None:
    out = io.StringIO()
    Screen(False, out, {}).count(Event(id=1, event="edit.progress", data={"step": 1, "steps": 2}))
    assert out.getvalue() == ""


@pytest.mark.parametrize(
    ("name", "data", "shown"),
    [
        ("edit.queued", {}, "waiting for a worker"),
        ("edit.progress", {"step": 5, "steps": 10}, "████████████············] step 5 of 10"),
        ("edit.progress", {}, ""),
        ("edit.preview", {"url": "/v1/images/img_1"}, ""),
    ],
)
def test_progress_is_a_bar_of_steps(name: str, data: dict[str, object], shown: str) -> None:
    line = progress_line(Event(id=1, event=name, data=data))
    assert shown in line
    assert bool(line) == bool(shown)
