"""What words tell of place, time, weather and style: `dunes` are the desert, `2 in the morning` is night."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from itertools import zip_longest

from dialogue_service.caption_words import COLOURS

_TABLE: tuple[tuple[str, str], ...] = (
    ("meadow", "field fields pasture countryside farmland prairie lawn grassland picnic"),
    ("beach", "seaside shore coast coastal waves surf surfing seashells sandcastle tide bay palms"),
    ("desert", "dune dunes sahara camel camels cactus cacti oasis arid mojave gobi"),
    ("snow", "arctic antarctic antarctica polar glacier alps ski skiing slopes igloo tundra greenland siberia"),
    ("city", "town downtown urban street streets skyscraper skyscrapers traffic metropolis manhattan tokyo london"),
    ("forest", "woods woodland jungle rainforest"),
    ("day", "noon midday daytime daylight daybreak lunchtime lunch afternoon breakfast sunlight forenoon"),
    ("sunset", "dusk sundown twilight evening sunsets"),
    ("night", "midnight moon moonlight moonlit moonrise nighttime bedtime starry nocturnal pitch-dark"),
    ("rain", "drizzle drizzling downpour pour pouring pours shower showers thunderstorm puddle puddles drenched"),
    ("snowy", "flakes snowflakes blizzard flurries flurry december january february christmas xmas wintry winter"),
    ("clear", "dry cloudless sunny sunshine"),
    ("black and white", "monochrome greyscale grayscale colourless colorless noir chaplin"),
    ("sepia", "victorian daguerreotype yellowed vintage brownish"),
    ("pencil sketch", "pencil sketched drawing drawn graphite charcoal doodle hand-drawn scribble"),
    ("negative", "inverted invert x-ray inverse reversed"),
    ("pixel art", "pixels pixelated pixelate 8-bit 16-bit minecraft nintendo blocky tetris gameboy"),
    ("normal", "photographic unfiltered"),
)  # fmt: skip
TELLS = {word: value for value, words in _TABLE for word in words.split()}
"""A word, and the place, time, weather or style that it tells."""
_DIM = frozenset(("dark", "dim", "gloomy", "murky"))
_HOUR = re.compile(
    r"\b(?P<hour>1?\d|2[0-4])(?:[:.]\d\d)?(?: ?o'?clock)?"
    r" ?(?P<half>(?:a\.?m|p\.?m)\b\.?|in the morning|in the afternoon|in the evening|at night)"
    r"|\b(?P<clock>[01]?\d|2[0-4]):\d\d\b"
)
_DAWN, _DUSK, _DARK = 6, 18, 21
"""Hours at which day, sunset and night begin."""


def told_by(text: str, words: Sequence[str], caption: str, things: Set[str]) -> Iterator[tuple[str, str]]:
    """Each word that tells a setting, with the setting: `dark` where it is night, hours by the clock.

    A word that names one of the things in the picture tells none.
    """
    for word, following in zip_longest(words, words[1:]):
        if word in things or word.removesuffix("s") in things:
            continue
        if word in TELLS and following != "tree":  # a christmas tree is none
            yield word, TELLS[word]
        elif word in _DIM and following not in COLOURS and "at night" in caption:
            yield word, "night"
    if found := _HOUR.search(text.lower()):
        yield found[0], _time_of_day(found)


def _time_of_day(found: re.Match[str]) -> str:
    hour = int(found["hour"] or found["clock"])
    half = (found["half"] or "").replace(".", "")
    if half in ("pm", "in the afternoon", "in the evening") or (half == "at night" and hour >= _DAWN):
        hour = hour % 12 + 12
    elif half in ("am", "in the morning") or half == "at night":
        hour %= 12
    return "day" if _DAWN <= hour < _DUSK else "sunset" if _DUSK <= hour < _DARK else "night"
