"""The hand-written seed tasks: conversations in `seeds.txt`, single sentences in `sentences.txt`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shared.schemas.dialogue import ReplyKind
from training.datasets.self_instruct import transcript
from training.datasets.self_instruct.transcript import Line

Shape = tuple[ReplyKind, ...]
"""The kinds of the assistant's replies, in order."""

_SEED = re.compile(r"Picture: (?P<caption>.+)\nManner: (?P<manner>.+)\n(?P<lines>(?:.+\n?)+)")


@dataclass(frozen=True)
class Seed:
    """A conversation that shows how it is done."""

    caption: str
    manner: str
    lines: tuple[Line, ...]

    @property
    def shape(self) -> Shape:
        """The kinds of its replies."""
        return tuple(line.kind for line in self.lines)

    @property
    def instructions(self) -> list[str]:
        """What is carried out, in order."""
        return [line.words for line in self.lines if line.kind is ReplyKind.EDIT]


@cache
def load_seeds() -> tuple[Seed, ...]:
    """Every conversation; raises ValueError naming a block that is not one."""
    return tuple(_seed(block) for block in re.split(r"\n{2,}", _text("seeds.txt")))


@cache
def load_sentences() -> tuple[Line, ...]:
    """Every single sentence that leads to an edit at once, those of the conversations of one turn too."""
    pairs = [line.split(" = ") for line in _text("sentences.txt").splitlines()]
    alone = [seed.lines[0] for seed in load_seeds() if seed.shape == (ReplyKind.EDIT,)]
    return (*(Line(said, ReplyKind.EDIT, instruction) for instruction, said in pairs), *alone)


def _text(name: str) -> str:
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    return "\n".join(line for line in text.splitlines() if not line.startswith("#")).strip()


def _seed(block: str) -> Seed:
    found = _SEED.fullmatch(block.strip())
    if found is None:
        raise ValueError(f"not a seed task:\n{block}")
    return Seed(found["caption"], found["manner"], tuple(transcript.read(found["lines"])))
