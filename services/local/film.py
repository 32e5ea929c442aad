"""Make docs/pictures/conversation.webp: have the demo's conversation, and draw it as it went.

python -m services.local.film [--base-url http://127.0.0.1:8000] [--out FILE.webp]
"""

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import wrap

from PIL import Image, ImageDraw, ImageFont
from rich.console import Console

from services.local.demo import hold, hold_on_a_stack_of_its_own
from services.local.process import ROOT

FILM = ROOT / "docs" / "pictures" / "conversation.webp"
WIDTH, HEIGHT, SIDE, EDGE = 760, 400, 352, 16  # pixels
COLUMNS, LINE = 34, 21  # letters of a line of speech, pixels from line to line
PAPER, INK, MUTED, YOURS, OURS = "#f6f5f2", "#1c1b19", "#625f58", "#0b6e69", "#ffffff"
TYPED_MS, SAID_MS, ANSWERED_MS, PAINTED_MS, END_MS = 90, 500, 1100, 1500, 3000
TYPED_AT_ONCE = 5  # letters
QUALITY = 90
SPEECH = re.compile(r"\*\*(you|DialogPaint)\*\* (.*)")
DONE = re.compile(r"`(.*)` · (.*)")
PICTURE = re.compile(r"!\[.*\]\((.*)\)")


@dataclass(frozen=True)
class Said:
    """Something in a bubble."""

    text: str
    by_you: bool


@dataclass(frozen=True)
class Scene:
    """What is seen for a while."""

    said: tuple[Said, ...]
    picture: Path | None
    note: str
    shown_ms: int


def main() -> int:
    """Have the conversation and draw it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base-url", help="use a stack that is running already")
    parser.add_argument("--out", type=Path, default=FILM)
    arguments = parser.parse_args()
    console = Console(highlight=False)
    with TemporaryDirectory(prefix="dialogpaint-film-") as folder:
        talk = Path(folder)
        if arguments.base_url:
            demo = hold(arguments.base_url, console, talk)
        else:
            demo = hold_on_a_stack_of_its_own(console, talk)
        draw_film(demo.transcript, talk, arguments.out)
    console.print(f"{arguments.out} ({arguments.out.stat().st_size // 1024} KiB)", soft_wrap=True)
    return 0


def draw_film(transcript: Sequence[str], folder: Path, file: Path) -> None:
    """Save what a demo's transcript tells as an animated WebP; its pictures are in the folder."""
    scenes = list(scenes_of(transcript, folder))
    first, *others = (_draw(scene) for scene in scenes)
    times = [scene.shown_ms for scene in scenes]
    first.save(file, save_all=True, append_images=others, duration=times, loop=0, quality=QUALITY, method=6)


def scenes_of(transcript: Sequence[str], folder: Path) -> Iterator[Scene]:
    """What is seen one after the other: what you say as you type it, the answer, the picture."""
    scene = Scene((), None, "", SAID_MS)
    for line in transcript:
        if speech := SPEECH.fullmatch(line):
            by_you, text = speech[1] == "you", speech[2]
            for end in range(TYPED_AT_ONCE, len(text), TYPED_AT_ONCE) if by_you else ():
                yield replace(scene, said=(*scene.said, Said(text[:end], by_you)), shown_ms=TYPED_MS)
            shown_ms = SAID_MS if by_you else ANSWERED_MS
            scene = replace(scene, said=(*scene.said, Said(text, by_you)), shown_ms=shown_ms)
        elif done := DONE.fullmatch(line):
            scene = replace(scene, note=f"{done[1]}  ·  {done[2]}")
            continue  # seen with its picture
        elif picture := PICTURE.fullmatch(line):
            scene = replace(scene, picture=folder / picture[1], shown_ms=PAINTED_MS)
        yield scene
        scene = replace(scene, note=scene.note if PICTURE.fullmatch(line) is None else "")
    yield replace(scene, shown_ms=END_MS)


def _draw(scene: Scene) -> Image.Image:
    frame = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(frame)
    left = WIDTH - EDGE - SIDE
    if scene.picture is not None:
        with Image.open(scene.picture) as picture:
            frame.paste(picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS), (left, EDGE))
    draw.text((left + SIDE / 2, EDGE + SIDE + 8), scene.note, MUTED, _font(13), anchor="ma")
    _draw_talk(draw, scene.said, left - EDGE)
    return frame


def _draw_talk(draw: ImageDraw.ImageDraw, said: Sequence[Said], right: int) -> None:
    """Draw the bubbles from the bottom up, as many as there is room for."""
    bottom = HEIGHT - EDGE
    for each in reversed(said):
        lines = wrap(each.text, COLUMNS)
        width = max(draw.textlength(line, _font(16)) for line in lines) + 24
        top = bottom - LINE * len(lines) - 14
        if top < EDGE:
            return
        start = right - width if each.by_you else EDGE
        fill, ink = (YOURS, OURS) if each.by_you else (OURS, INK)
        draw.rounded_rectangle((start, top, start + width, bottom), 12, fill)
        draw.multiline_text((start + 12, top + 6), "\n".join(lines), ink, _font(16), spacing=LINE - 16)
        bottom = top - 8


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=size)


if __name__ == "__main__":
    sys.exit(main())
