"""What the person in the demo says: fitted to the picture, and what each line must lead to."""

import re
from dataclasses import dataclass

COLOURS = "red|orange|yellow|green|blue|purple|pink|brown|black|white"
THING = re.compile(rf"\b(?:{COLOURS}) (\w+)")


@dataclass(frozen=True)
class Say:
    """Something said, and the kind of reply without which the demo has failed."""

    text: str
    expect: str


@dataclass(frozen=True)
class Undo:
    """Go back to the revision before the last edit."""


Line = Say | Undo


def things_in(caption: str) -> list[str]:
    """The things that a sample's caption names, in its order."""
    return THING.findall(caption)


def script_for(caption: str) -> list[Line]:
    """A conversation about a picture of two things: a vague start, a question answered, four edits, one undone."""
    first, second = things_in(caption)[:2]
    orange, purple = (
        ("yellow" if f"orange {first}" in caption else "orange"),
        ("pink" if f"purple {second}" in caption else "purple"),
    )
    return [
        Say("make it more fun", "clarification"),
        Say(f"paint the {first} {orange}", "edit"),
        Say(f"and change the colour of the {second}", "clarification"),
        Say(f"{purple} please", "edit"),
        Say("make it black and white", "edit"),
        Undo(),
        Say("make it night", "edit"),
    ]
