"""What of earlier a turn may speak of: how the first caption had things, and what the newest instruction was about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from dialogue_service.caption_things import Thing, things_named
from dialogue_service.caption_words import COLOURS, EMPTY, PLACE, TIME, WEATHER, on_side, split_style, tells_all

_LOOKS_BACK = frozenset((
    "back", "again", "before", "was", "were", "used", "originally", "original", "first", "initially", "initial",
    "beginning", "start", "started", "began", "begun", "old", "older", "earlier", "previous", "previously", "return",
    "restore", "restored", "revert", "bring", "former", "formerly", "once", "had", "missing", "miss", "missed", "gone",
    "prior", "ago", "preferred", "liked", "without",
))  # fmt: skip
"""Words with which a turn may speak of how the picture was."""
_OTHER_THAN_COLOUR = frozenset((
    "size", "place", "side", "spot", "style", "weather", "time", "thing", "way", "scene", "picture", "kind",
))  # fmt: skip
_MOST_BACK = 3


def as_it_was(words: Sequence[str], first: str, now: str) -> list[str]:
    """What was otherwise in the first caption, for a turn whose words look back; both captions in lower case."""
    return list(_changed(first, now))[:_MOST_BACK] if first and not _LOOKS_BACK.isdisjoint(words) else []


def of_last(words: Sequence[str], things: Sequence[Thing], last: str) -> Iterator[tuple[str, str]]:
    """What the newest instruction was about, where the turn speaks of `the same` colour or of `the new` thing."""
    told = last.lower().split()
    newest = next((word for word in reversed(told) if any(thing.noun == word for thing in things)), None)
    if newest and told[0] in ("add", "replace") and "new" in words:
        yield "new", newest
    colours = [word for word in told if word in COLOURS]
    if colours and "same" in words and _OTHER_THAN_COLOUR.isdisjoint(words[words.index("same") + 1 :][:1]):
        yield "same", colours[-1]


def _changed(first: str, now: str) -> Iterator[str]:
    """How things, place, time, weather and style were in the first caption, where they are otherwise now."""
    here = {thing.noun: thing for thing in things_named(now)}
    times = Counter(thing.noun for thing in things_named(first))
    for thing in things_named(first):
        if times[thing.noun] > 1:
            continue  # nobody knows which is which
        same = here.get(thing.noun)
        if same is None:
            yield " ".join(["gone", *thing.words, thing.noun, *([on_side(thing.side)] if thing.side else [])])
        elif same.words != thing.words:
            yield f"was {' '.join([*thing.words, thing.noun])}"
    if tells_all(first):
        for was, now_so in zip(_setting(first), _setting(now), strict=True):
            if was != now_so:
                yield f"was {was}"


def _setting(caption: str) -> tuple[str, str, str, str]:
    """Place, time, weather and style of a caption that tells all."""
    told = [pattern.search(caption) for pattern in (PLACE, EMPTY, TIME, WEATHER)]
    place, empty, time, weather = [next(filter(None, found.groups()), "") if found else "" for found in told]
    style = split_style(caption)[0].strip().removesuffix(" of")
    return place or ("snow" if empty == "snowy field" else empty), time or "day", weather or "clear", style or "normal"
