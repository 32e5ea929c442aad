"""Picture grids to look at: what was there, what was said, what came of it, what should have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, zip_longest
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from editing_service.images import Pixels
from evaluation.comparison import ComparisonResult
from evaluation.conversation import ConversationResult
from evaluation.judging import EditResult
from evaluation.photographs import PhotographResult
from evaluation.talking import WishTold
from training.datasets.changes import FAMILIES
from training.datasets.instructions import phrase

INK, FAINT, PAPER = (29, 39, 51), (138, 143, 152), (255, 255, 255)
RIGHT, WRONG = (60, 150, 92), (208, 74, 62)
GAP, LINE, TITLE = 6, 14, 20
HEADING, WORDS = 12, 10
"""Sizes of type."""
MARGIN = 12
FIRST_EMOJI = 0x1F000


@dataclass(frozen=True)
class Cell:
    """A picture, what stands above and below it, and whether it is right (None where nothing is judged)."""

    picture: Pixels
    title: str = ""
    words: tuple[str, ...] = ()
    right: bool | None = None


@dataclass(frozen=True)
class Card:
    """Pictures side by side under one line of words."""

    words: str
    cells: tuple[Cell, ...]


def edits(results: Sequence[EditResult], path: Path, most: int = 15, columns: int = 3) -> None:
    """A card for each edit: source, output, truth under the instruction; as many families as there are."""
    cards = [_edit(result) for result in varied(results)[:most]]
    save(cards, path, columns)


def comparisons(results: Sequence[ComparisonResult], path: Path, most: int = 10) -> None:
    """A card for each vague wish: source, straight into the editor, dialogue first, truth."""
    cards = [
        Card(
            f"“{each.told.opening}”",
            (
                Cell(each.straight.source, "source"),
                Cell(each.straight.output, "straight", right=each.straight.success),
                Cell(each.dialogue.output, "dialogue first", _became(each.told), each.dialogue.success),
                Cell(each.straight.truth, "wanted", (phrase(each.straight.triple.change),)),
            ),
        )
        for each in results[:most]
    ]
    save(cards, path, columns=2)


def photographs(results: Sequence[PhotographResult], path: Path, most: int = 4, width: int = 200) -> None:
    """Two cards for each picture: itself and every edit's output, and below it the true results."""
    by_name: dict[str, list[PhotographResult]] = defaultdict(list)
    for result in results:
        by_name[result.name].append(result)
    cards = [card for members in list(by_name.values())[:most] for card in _photograph(members, width)]
    save(cards, path, columns=1)


def _photograph(results: Sequence[PhotographResult], width: int) -> tuple[Card, Card]:
    made = [Cell(_small(each.output, width), phrase(each.change), right=each.success) for each in results]
    true = [Cell(_small(each.truth, width), "as it should be") for each in results]
    source = _small(results[0].source, width)
    return Card("", (Cell(source, "picture"), *made)), Card("", (Cell(source), *true))


def _small(picture: Pixels, width: int) -> Pixels:
    height = max(1, round(picture.shape[0] * width / picture.shape[1]))
    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.LANCZOS))


def conversations(results: Sequence[ConversationResult], path: Path, right: int = 3, most: int = 5) -> None:
    """A card for each conversation: its first picture, the one after each wish, and the one wanted.

    Those that ended right come first, up to `right` of them where others did not.
    """
    good = [each for each in results if each.head_success]
    bad = [each for each in results if not each.head_success]
    shown = [*good[: max(right, most - len(bad))], *bad]
    save([_conversation(each) for each in shown[:most]], path, columns=1)


def varied(results: Iterable[EditResult]) -> list[EditResult]:
    """The same edits, the families taking turns."""
    by_family: dict[str, list[EditResult]] = defaultdict(list)
    for result in results:
        by_family[result.family].append(result)
    rounds = zip_longest(*(by_family[name] for name in FAMILIES))
    return [result for each in rounds for result in each if result is not None]


def save(cards: Sequence[Card], path: Path, columns: int) -> None:
    """Write cards as a PNG of few colours; without any, no picture is left behind."""
    if not cards:
        path.unlink(missing_ok=True)
        return
    drawn = [_draw(card) for card in cards]
    rows = [drawn[start : start + columns] for start in range(0, len(drawn), columns)]
    width = max(card.width for card in drawn) + MARGIN
    heights = [max(card.height for card in row) + MARGIN for row in rows]
    sheet = Image.new("RGB", (len(rows[0]) * width + MARGIN, sum(heights) + MARGIN), PAPER)
    for row, top in zip(rows, accumulate(heights, initial=MARGIN), strict=False):
        for column, card in enumerate(row):
            sheet.paste(card, (MARGIN + column * width, top))
    sheet.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


def _edit(result: EditResult) -> Card:
    output = Cell(result.output, "output", right=result.success)
    return Card(phrase(result.triple.change), (Cell(result.source, "source"), output, Cell(result.truth, "truth")))


def _conversation(each: ConversationResult) -> Card:
    cells = [Cell(each.pictures[0], "at first")]
    for change, wish, picture in zip(each.goal.changes, each.told, each.pictures[1:], strict=True):
        words = (f"“{wish.opening}”", *_became(wish))
        cells.append(Cell(picture, f"{wish.questions} asked", words, wish.meant(change)))
    cells.append(Cell(each.from_root, "from root", right=each.root_success))
    cells.append(Cell(each.truth, "wanted", (*map(phrase, each.goal.changes),)))
    return Card("right in the end" if each.head_success else "not right in the end", tuple(cells))


def _became(wish: WishTold) -> tuple[str, ...]:
    return (f"→ {wish.instruction or 'gave up'}",)


def _draw(card: Card) -> Image.Image:
    tall, side = card.cells[0].picture.shape[:2]
    lines = [_wrapped(cell.words, side) for cell in card.cells]
    below = LINE * max(len(each) for each in lines)
    heading = TITLE if card.words else 0
    width = len(card.cells) * (side + GAP) - GAP
    image = Image.new("RGB", (width, heading + LINE + tall + 4 + below), PAPER)
    pen = ImageDraw.Draw(image)
    pen.text((0, 0), _cut(_drawable(card.words), width, _font(HEADING)), INK, _font(HEADING))
    for index, (cell, words) in enumerate(zip(card.cells, lines, strict=True)):
        left, top = index * (side + GAP), heading + LINE
        pen.text((left, heading), cell.title, FAINT if cell.right is None else _colour(cell.right), _font(WORDS))
        image.paste(Image.fromarray(cell.picture), (left, top))
        if cell.right is not None:
            pen.rectangle((left, top, left + side - 1, top + tall - 1), outline=_colour(cell.right), width=3)
        for row, text in enumerate(words):
            pen.text((left, top + tall + 4 + row * LINE), text, INK, _font(WORDS))
    return image


def _colour(right: bool) -> tuple[int, int, int]:
    return RIGHT if right else WRONG


def _wrapped(texts: Sequence[str], width: int) -> list[str]:
    """Words broken into lines of at most `width` pixels."""
    lines: list[str] = []
    for text in texts:
        line = ""
        for word in _drawable(text).split():
            longer = f"{line} {word}".strip()
            if line and _font(WORDS).getlength(longer) > width:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return lines


def _cut(text: str, width: int, font: ImageFont.FreeTypeFont) -> str:
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(f"{text}…") > width:
        text = text[:-1]
    return f"{text}…"


def _drawable(text: str) -> str:
    """The text without the emoji that the font lacks."""
    return "".join(character for character in text if ord(character) < FIRST_EMOJI and character != "\ufe0f").strip()


@lru_cache(maxsize=4)
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf", size)
