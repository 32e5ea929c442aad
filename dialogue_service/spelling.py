"""Slips of the finger in what people type, put right before it is read: `unbrella`, `yelow`, `apink`, `niiiight`.

A model of word pieces sees a misspelt word as pieces that it has never met together. A word that is no English one is
put right, but only towards a word that wishes are made of or that the caption names: what is rare is nobody's slip, and
must stay as it is to be copied. Its first letter always stays, since slips there are rare and a cat is no bat.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from spellchecker import SpellChecker

from dialogue_service.caption_words import BIG, COLOURS, PLACES, SHADES, SMALL
from dialogue_service.categories import CATEGORIES, KIND_DRAWN
from dialogue_service.surroundings import TELLS

SHORTEST = 4
"""Letters of a word that is put right: of three letters any may become another word."""
SHORT = 5
"""Letters up to which a word is put right only towards a common one: there are many others near."""
REMEMBERED = 4096
"""Words whose right spelling is kept."""

_SAID_OFTEN = (
    "house tree balloon ball star boat flower bird fish umbrella color colour paint make like want please bigger "
    "smaller remove right left middle picture photo rain raining snowing sunset night change about above add added "
    "after again another answer anything around back background before behind better blank bright brighter bring "
    "changed choice choose clear closer cloud clouds cold colored colors coloured colours corner could darker delete "
    "different disappear draw drop edge else empty enlarge enormous evening everything exchange first forget furthest "
    "give great ground grow instead just keep larger last leave less lighter look looks made makes massive miniature "
    "more move much need needs next nice nicer normal nothing object opposite ordinary original other painted place "
    "placed prefer really recolor recolour reduce removed repaint replace replaced resize resized restore round same "
    "scale scene second shade shall should shrink side since size sketch some something somewhere sorry spot still "
    "style summer swap switch take taken taller thank thanks that them there these thing things think third this those "
    "time tone turn until weather well what where which whole winter with without would wrong yeah"
)
_SHORTENED = frozenset((
    "dont", "wont", "cant", "isnt", "wasnt", "didnt", "doesnt", "hasnt", "havent", "arent", "werent", "couldnt",
    "shouldnt", "wouldnt", "theres", "thats", "whats", "lets", "theyre", "youre", "youve", "shes", "shld", "shud",
    "thru", "smth", "hullo", "shouldn", "couldn", "wouldn", "didn", "doesn", "isn", "wasn", "hasn", "haven", "aren",
    "weren", "nono", "nein", "plss", "thnx", "thanx", "brrr", "brite", "proto",
))  # fmt: skip
"""Spellings that are meant so."""
_AMERICAN = (("our", "or"), ("re", "er"), ("ise", "ize"), ("isa", "iza"), ("ising", "izing"), ("ogue", "og"))
_BRITISH = frozenset((
    "pyjamas", "aluminium", "jewellery", "kerb", "snowplough", "liquorice", "moustache", "ufo", "emoji", "selfie",
    "wifi", "cafe", "storey", "cosy", "recolour",
))  # fmt: skip
"""Words that the English word list lacks, beside those that America spells otherwise."""
_WORDS = re.compile(r"(?<![\w'’])[A-Za-z]+(?![\w'’])")
"""Those of a user; what an apostrophe joins is no word alone."""
_JOINED = re.compile(r"(a|an|the|its|to)([a-z]{3,})")
_STRETCHED = re.compile(r"(.)\1{2,}")


def _ranked() -> dict[str, int]:
    words = (*_COMMON_WORDS, *sorted(SHADES), *TELLS, *KIND_DRAWN, *sorted({*CATEGORIES}.union(*CATEGORIES.values())))
    listed = dict.fromkeys(word for word in words if word.isalpha() and len(word) >= SHORTEST)
    return {word: rank for rank, word in enumerate(listed)}


_COMMON_WORDS = (*sorted(COLOURS), *_SAID_OFTEN.split(), *sorted(SMALL | BIG), *PLACES)
RIGHT = _ranked()
"""The words that others are put right towards, with their ranks: of two that are as near, the first one is meant."""
_COMMON = max(RIGHT.get(word, 0) for word in _COMMON_WORDS) + 1


@lru_cache(REMEMBERED)
def put_right(text: str, named: str) -> str:
    """The text with its slips put right; what is right, or far from any word of wishes, stays as it was typed.

    `named` is what else was said of the picture: its words are right, and others are put right towards them.
    """
    plain = unicodedata.normalize("NFKD", named).encode("ascii", "ignore").decode().lower()
    words = frozenset(word for word in _WORDS.findall(plain) if len(word) >= SHORTEST)
    return _WORDS.sub(lambda found: _spelt(found, words), text)


def _spelt(found: re.Match[str], named: frozenset[str]) -> str:
    word = found[0].lower()
    a_name = found[0].istitle() and found.string[: found.start()].rstrip()[-1:].isalnum()  # in the middle of a sentence
    return found[0] if len(word) < SHORTEST or word in named or a_name else _right(word, named) or found[0]


@lru_cache(REMEMBERED)
def _right(word: str, named: frozenset[str]) -> str | None:
    """The word that was meant; None where this one is right, or nobody knows."""
    if word in _SHORTENED or is_word(word):
        return None
    most = _COMMON if len(word) <= SHORT else len(RIGHT)
    unstretched = (_STRETCHED.sub(times, word) for times in (r"\1", r"\1\1"))
    near = sorted(each for each in _english().edit_distance_1(word) if each[0] == word[0])
    return (
        next((each for each in unstretched if each != word and len(each) > 1 and is_word(each)), None)
        or next((each for each in near if each in named), None)
        or min((each for each in near if RIGHT.get(each, most) < most), key=RIGHT.__getitem__, default=None)
        or _parted(word)
    )


def is_word(word: str) -> bool:
    """Whether a word, in lower case, is one of wishes or of English."""
    american = (word.replace(ours, theirs) for ours, theirs in _AMERICAN if ours in word)
    return word in RIGHT or word in _BRITISH or any(each in _english() for each in (word, *american))


def _parted(word: str) -> str | None:
    """Two words with the space between them that is missing: `apink`."""
    joined = _JOINED.fullmatch(word)
    return " ".join(joined.groups()) if joined and (joined[2] in RIGHT or joined[2] in COLOURS) else None


@cache
def _english() -> SpellChecker:
    return SpellChecker(distance=1)
