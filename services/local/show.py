"""How the demo looks: on the terminal while it happens, and as a strip and a transcript afterwards."""

import io
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap

from PIL import Image, ImageDraw, ImageFont
from rich.console import Console
from rich.text import Text

TERMINAL_COLUMNS = 48
SIDE, GAP, CAPTION_HEIGHT = 224, 16, 64  # pixels of the strip
INK, PAPER = "#222222", "#ffffff"


@dataclass(frozen=True)
class Frame:
    """A picture of the conversation and what was said to get it."""

    file: Path
    caption: str


def show_picture(console: Console, picture: bytes) -> None:
    """Draw a picture with half blocks, two pixels a character; nothing where colours can't be shown."""
    if not console.is_terminal or console.color_system not in ("truecolor", "256"):
        return
    with Image.open(io.BytesIO(picture)) as opened:
        height = max(2, opened.height * TERMINAL_COLUMNS // opened.width // 2 * 2)
        small = opened.convert("RGB").resize((TERMINAL_COLUMNS, height), Image.Resampling.BOX)
    text = Text()
    for y in range(0, height, 2):
        text.append("    ")
        for x in range(TERMINAL_COLUMNS):
            text.append("▀", style=f"{_colour(small, x, y)} on {_colour(small, x, y + 1)}")
        text.append("\n")
    console.print(text, end="")


def draw_strip(frames: list[Frame], file: Path) -> None:
    """Save the frames side by side, each with its caption below."""
    strip = Image.new("RGB", (GAP + len(frames) * (SIDE + GAP), GAP + SIDE + CAPTION_HEIGHT), PAPER)
    draw = ImageDraw.Draw(strip)
    font = ImageFont.load_default(size=15)
    for number, frame in enumerate(frames):
        left = GAP + number * (SIDE + GAP)
        with Image.open(frame.file) as picture:
            strip.paste(picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS), (left, GAP))
        words = "\n".join(wrap(frame.caption, width=27)[:3])
        draw.multiline_text((left + SIDE / 2, GAP + SIDE + 6), words, INK, font, anchor="ma", align="center")
    strip.save(file)


def _colour(picture: Image.Image, x: int, y: int) -> str:
    pixel = picture.getpixel((x, y))
    assert isinstance(pixel, tuple)
    return "#{:02x}{:02x}{:02x}".format(*pixel[:3])
