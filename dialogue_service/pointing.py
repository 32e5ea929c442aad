"""Which things the words of a turn point at: `left tree, red house`, looked up in the caption as it is now.

"The one on the left", "whatever is red", "the bigger of the two": after 26,000 steps of training a small model still
took one of the things at random there (docs/decisions/0014), though it reads well what stands side by side.
So every word of the turn that fits one thing alone goes to the model together with that thing ("not red" with the other
one of two), and where colours are compared, every thing that is named with its own. What everybody knows to have a
colour comes with it (`mud brown`), what tells a place, time, weather or style with that (`dunes desert`), and where the
turn looks back, so does what has changed (`was red house, gone white cat on the left`). What is meant stays the model's
business: "paint the house red" points at a red star too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from itertools import chain

from dialogue_service.caption_things import SIDE_WORDS, Thing, things_named
from dialogue_service.caption_words import BIG, SIDES, SMALL, TOKEN, tells_all
from dialogue_service.categories import CATEGORIES, KIND_DRAWN
from dialogue_service.likenesses import COLOURED, COLOURED_IF_COMPARED
from dialogue_service.looking_back import as_it_was, of_last
from dialogue_service.surroundings import TELLS, told_by

MOST = 5
"""Things pointed at in one turn; each costs two or three positions."""

_ORDINALS = {"first": 0, "former": 0, "second": 1, "latter": 1, "third": 2, "fourth": 3, "fifth": 4, "sixth": 5}
_LARGE = BIG | frozenset((
    "bigger", "biggest", "larger", "largest", "tall", "taller", "tallest", "enormous", "massive", "gigantic",
    "oversized", "colossal", "colossus", "whopper", "whopping", "mammoth", "hulking", "jumbo", "towering", "vast",
    "immense", "humongous", "ginormous", "hefty", "bulky",
))  # fmt: skip
_LITTLE = SMALL | frozenset((
    "smaller", "smallest", "tinier", "tiniest", "littler", "wee", "mini", "teeny", "teensy", "titch", "titchy", "dinky",
    "miniature", "minuscule", "dwarf", "petite", "pint-sized", "microscopic", "speck", "itty-bitty", "diminutive",
))  # fmt: skip
_COMPARES = frozenset((
    "colour", "color", "colours", "colors", "coloured", "colored", "like", "match", "matches",
    "matching", "same", "shade", "shades", "swap", "swapped", "trade", "exchange", "as",
))  # fmt: skip
"""Words that set the colour of one thing against that of another."""
_COLOUR_NAMED = frozenset(("colour", "color", "coloured", "colored", "shade", "tint", "hue", "tone"))
_LIKENS = _COLOUR_NAMED | {"like", "as"}
_SPEAKS_OF_COLOUR = _COLOUR_NAMED | {"paint", "painted", "dye", "dyed"}
_LIKENS_WITHIN = 4
"""How many words behind one that likens stands what it is likened to."""
_WISHES = frozenset(("i'd", "would", "you'd", "we'd", "i", "we", "id", "you", "she'd", "he'd", "they'd", "don't"))
"""Before `like` these make a wish of it."""
_COLOUR_SUFFIX = re.compile(r"[- ]?(?:colou?red|ish)$")
_DENIES = frozenset(("not", "isn't", "isnt", "aren't", "except", "but", "besides", "than", "without", "unlike"))
_DENIES_WITHIN = 6
"""How many words behind one it may deny."""
_OFFERS = re.compile(r"(?:: |, for example |\b(?=bigger or smaller\b))([^:?]+)\??$")
_ARTICLE = re.compile(r"^(?:the|an?) ")


def pointed_at(text: str, caption: str, question: str = "", first: str = "", last: str = "") -> str:
    """What the words of a turn point at, one or two words and the noun of a thing each; empty where that is nothing.

    Ordinals count what the assistant's question lists, if the turn answers one, else the things of the caption.
    `first` is the caption as it was before any instruction, and `last` the newest instruction, if there are any.
    """
    things, words = things_named(caption.lower()) if caption else (), TOKEN.findall(text.lower())
    nouns, known = {thing.noun for thing in things}, tells_all(caption)
    found = _counted(words, _options(question))
    likened, merely = _likenesses(words, nouns, known, asked="which colour" in question.lower())
    for pointer, meant in chain(
        likened,
        _in_picture(words, things),
        of_last(words, things, last),
        merely,
        _unseen(words, nouns) if known else (),
        told_by(text, words, caption, nouns),
    ):
        found.setdefault(pointer, meant)
    pointers = [f"{pointer} {meant}" for pointer, meant in list(found.items())[:MOST]]
    return ", ".join([*pointers, *as_it_was(words, first.lower(), caption.lower())])


def _counted(words: Sequence[str], options: Sequence[str]) -> dict[str, str]:
    """The ordinals of a turn, with what the question lists there."""
    counted = {word: _ORDINALS[word] for word in words if word in _ORDINALS}
    found = {word: options[index] for word, index in counted.items() if index < len(options)}
    return found | ({"last": options[-1]} if "last" in words and options else {})


def _in_picture(words: Sequence[str], things: Sequence[Thing]) -> Iterator[tuple[str, str]]:
    """Each word that fits one thing alone, with that thing; of two things the other one, where it is denied."""
    compared, denied, paired = not _COMPARES.isdisjoint(words), 0, set[tuple[str, str]]()
    for word in words:  # `denied` is how many of the next ones are; the first that points at something ends it
        denied = _DENIES_WITHIN if word in _DENIES and len(things) == 2 else denied - 1
        for pointer, thing in _fitting(word, things):
            if denied > 0:
                yield f"not {pointer}", things[things[0] is thing].noun
                denied = 0
            elif (thing.noun, pointer) not in paired:
                paired.add((pointer, thing.noun))
                yield pointer, thing.noun
        named = _only([thing for thing in things if thing.noun == word]) if compared else None
        if named and named.colour and (named.colour, word) not in paired:
            paired.add((word, named.colour))
            yield word, named.colour


def _unseen(words: Sequence[str], nouns: Set[str]) -> Iterator[tuple[str, str]]:
    """Names of things that are not in the picture, with the kind that the scene world draws for them."""
    for word in words:
        if word in KIND_DRAWN and not nouns & {word, KIND_DRAWN[word]}:
            yield word, KIND_DRAWN[word]


def _likenesses(
    words: Sequence[str], nouns: Set[str], known: bool, asked: bool
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """What has a colour that everybody knows: what something is likened to, and what is merely named.

    `known` is whether the picture is known as a whole, `asked` whether the turn answers a question for a colour.
    What may be meant for itself, "snow" or "the sky", must be likened to, in a sentence about colour or about a thing.
    """
    likened, merely = list[tuple[str, str]](), list[tuple[str, str]]()
    about_colour = asked or not (_SPEAKS_OF_COLOUR | nouns).isdisjoint(words)
    left = 0  # how many of the next words may be what something is likened to
    for index, word in enumerate(words):
        thing = word if word in COLOURED else _COLOUR_SUFFIX.sub("", word)
        compared = left > 0 or asked or thing != word
        plainly = known and not (word in TELLS or word in KIND_DRAWN)
        colour = COLOURED.get(thing) if compared or plainly else None
        if colour is None and compared and (about_colour or thing != word):
            colour = COLOURED_IF_COMPARED.get(thing)
        if colour and thing not in nouns:
            (likened if compared else merely).append((thing, colour))
        if word in _LIKENS and not (word == "like" and not _WISHES.isdisjoint(words[max(0, index - 2) : index])):
            left = _LIKENS_WITHIN + 1
        left -= 1
    return likened, merely


def _options(question: str) -> list[str]:
    """What a question offers, "…: the house, the tree or the sky?", each without its article."""
    listed = _OFFERS.search(question.lower())
    offered = [option.strip() for option in re.split(r", or | or |, ", listed[1])] if listed else []
    return [_ARTICLE.sub("", option) for option in offered if option] if len(offered) > 1 else []


def _fitting(word: str, things: Sequence[Thing]) -> Iterator[tuple[str, Thing]]:
    """What a word says of the one thing that it fits."""
    stem = word.removesuffix("most").removesuffix("-hand").removesuffix("-")
    if stem in SIDE_WORDS:
        yield from _on_side(SIDE_WORDS[stem], things)
    if word in _ORDINALS and _ORDINALS[word] < len(things) > 1:
        yield word, things[_ORDINALS[word]]
    if word == "last" and len(things) > 1:
        yield word, things[-1]
    if (members := CATEGORIES.get(word) or CATEGORIES.get(word.removesuffix("s"))) and (
        member := _only([thing for thing in things if {thing.noun, thing.noun.removesuffix("s")} & members])
    ):
        yield from [(word, member)] if member.noun != word else []
    if word == "between" and len(things) > 2:
        yield from _on_side("middle", things)
    if word in _LARGE | _LITTLE:
        yield from _extreme("big" if word in _LARGE else "small", things)
    elif only := _only([thing for thing in things if word in thing.words]):
        yield word, only


def _on_side(side: str, things: Sequence[Thing]) -> Iterator[tuple[str, Thing]]:
    """The thing there; where nothing is, the one that is furthest to that side."""
    there = [thing for thing in things if thing.side == side]
    if only := _only(there):
        yield side, only
    elif not there and side != "middle" and len(things) > 1 and all(thing.side for thing in things):
        order = sorted(things, key=lambda thing: SIDES.index(str(thing.side)), reverse=side == "right")
        yield f"{side}most", order[0]


def _extreme(size: str, things: Sequence[Thing]) -> Iterator[tuple[str, Thing]]:
    """The biggest or the smallest, if it is one alone."""
    sizes = [thing.size for thing in things]
    extreme = max(sizes, default=0) if size == "big" else min(sizes, default=0)
    if len(things) > 1 and sizes.count(extreme) == 1:
        yield size, things[sizes.index(extreme)]


def _only(things: Sequence[Thing]) -> Thing | None:
    return things[0] if len(things) == 1 else None
