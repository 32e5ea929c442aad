"""What the person in the demo says: fitted to the picture, and what each line must lead to."""

import re
from dataclasses import dataclass

from services.local.api import Json

COLOURS = "red|orange|yellow|green|blue|purple|pink|brown|black|white"
SAMPLE = "snowy-cat"
THING = re.compile(rf"\b(?:{COLOURS}) (\w+)")


@dataclass(frozen=True)
class Say:
    """Something said, and the instruction it must lead to; None if it must be answered with a question."""

    text: str
    instruction: str | None = None


@dataclass(frozen=True)
class Undo:
    """Words that must lead back to the revision before the last edit."""

    text: str


Line = Say | Undo


def choose_sample(samples: list[Json]) -> Json:
    """The picture that the README shows, or another one of two things."""
    pairs = [sample for sample in samples if len(things_in(sample["caption"])) >= 2]
    return next((sample for sample in pairs if sample["name"] == SAMPLE), pairs[0])


def things_in(caption: str) -> list[str]:
    """The things that a sample's caption names, in its order."""
    return THING.findall(caption)


def script_for(caption: str) -> list[Line]:
    """A conversation about a picture of two things: a vague start, a question answered, an undo, two wishes at once."""
    first, second = things_in(caption)[:2]
    paint = "yellow" if f"orange {first}" in caption else "orange"
    other = "pink" if f"purple {second}" in caption else "purple"
    return [
        Say("make it more fun"),
        Say(f"paint the {first} {paint}", f"paint the {first} {paint}"),
        Say(f"can you paint the {second}?"),
        Say(f"make it {other}", f"paint the {second} {other}"),
        Say("make it black and white", "make it black and white"),
        Undo("no, put it back as it was"),
        Say(f"remove the {second} and make it night", f"remove the {second}; make it night"),
    ]
