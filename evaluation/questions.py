"""What the assistant asks, read from its words, so that a simulated user answers what was really asked."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PATTERNS = (
    ("colour_where", r"which colour should the (?P<kind>.+?) be, and where"),
    ("colour", r"which colour should the (?P<kind>.+?) be\b"),
    ("where", r"where shall i put the (?P<thing>.+?):"),
    ("which", r"(?:which one|what in the picture) shall i (?P<does>[^:?]+)"),
    ("about", r"what about the (?P<kind>.+?):"),
    ("size", r"shall i make the (?P<kind>.+?) bigger or smaller"),
    ("new", r"what shall i put in place of the (?P<kind>.+?),"),
    ("add", r"what shall i add\b|which one: "),
    ("any", r"what shall i change\b"),
    ("place", r"\bwhere to:"),
    ("time", r"which time of day"),
    ("weather", r"which weather"),
    ("style", r"which style"),
    ("confirm", r"shall i (?P<does>[^?]+)\?"),
)
_COMPILED = tuple((asks, re.compile(pattern)) for asks, pattern in _PATTERNS)


@dataclass(frozen=True)
class Question:
    """What is asked for, in the simulator's terms ("" where the words are not understood), and about what.

    `kind` is the thing asked about, `does` what the assistant would do ("paint blue", "remove the tree").
    """

    asks: str
    kind: str = ""
    does: str = ""
    text: str = ""


def read_question(text: str) -> Question:
    """Read a question in the assistant's wordings."""
    said = text.lower()
    for asks, pattern in _COMPILED:
        if found := pattern.search(said):
            slots = found.groupdict()
            kind = slots.get("kind") or slots.get("thing", "").rpartition(" ")[2]
            return Question(asks, kind, slots.get("does", ""), said)
    return Question("", text=said)
