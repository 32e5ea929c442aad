"""How people really type: slips of the finger, chat spelling, missing marks and articles, shouting, smileys."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Collection

_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_ENDS = ("!", ".", ".", "?", "!!", "...", "!!!", " !", "??", " :)", " 🙂", " 😀", " 🎨", " <3", " ;)", " xx", " ❤️",
         "..", " :-)", " :D", " xD", " ^^", " x", "!?", " 🙏", " 😊", " 😂", " 👍")  # fmt: skip
_TAILS = (" lol", " haha", " ta", " cheers", " k?", " ok?", " hehe", " lmao", " thx", " haha 😂", ", k?", " mate")
_EMOJI = ("🙂", "😊", "😂", "🎨", "✨", "❤️", "👋", "🙏", "😍", "🌈")
_AMERICAN = (("colour", "color"), ("grey", "gray"), ("favourite", "favorite"), ("centre", "center"))
_CHAT_SPELLING = {
    "please": ("pls", "plz", "plse", "pls"), "thanks": ("thx", "thnx", "tnx"), "thank you": ("ty", "thank u"),
    "you": ("u", "u", "ya"), "your": ("ur",), "you're": ("ur", "youre"), "are you": ("r u",), "yes": ("yea", "ye"),
    "want to": ("wanna",), "going to": ("gonna",), "got to": ("gotta",), "have to": ("hafta",), "okay": ("k", "kk"),
    "give me": ("gimme",), "let me": ("lemme",), "kind of": ("kinda",), "out of": ("outta",), "i don't know": ("idk",),
    "don't know": ("dunno",), "because": ("cuz", "coz", "cos"), "and": ("n", "&", "n"), "with": ("w/", "wit"),
    "without": ("w/o",), "something": ("smth", "sth", "sumthing"), "picture": ("pic",), "really": ("rly", "rlly"),
    "great": ("gr8",), "though": ("tho",), "before": ("b4",), "about": ("abt",), "what": ("wat", "wot"),
    "could you": ("cud u", "cld u"), "should": ("shud",), "would": ("wud", "wld"), "can you": ("can u", "cn u"),
    "love": ("luv",), "by the way": ("btw",), "see you": ("cya",), "background": ("bg",),
    "the": ("teh", "the", "the", "th", "the"),
    "right now": ("rn",), "too": ("2", "to"), "just": ("jus", "jst"), "i'd like": ("id like",),
    "it is": ("its",), "good": ("gud",), "tomorrow": ("tmrw",),
}  # fmt: skip
_SHORT = re.compile(rf"(?<![\w'-])({'|'.join(sorted(_CHAT_SPELLING, key=len, reverse=True))})(?![\w'-])")
_STRETCHED = re.compile(r"(?<![\w'-])(?:s(o)|pl(e)ase|n(o)|he(y)|r(e)ally|nic(e)|lov(e)|c(o)ol|ye(s)|hell(o)|wo(w))\b")
_ARTICLES = ("the", "a", "an")
_FILLERS = ("um", "uh", "like", "er", "you know", "hmm,", "erm", "well", "so", "i mean")
SHORTEST_MISTYPED, LONG = 4, 8
"""Letters of a word that may be mistyped, and words of a text in which two slips are common."""
SHORT, HASTY, SHORTEST_SLIPPED = 14, 0.06, 3
"""Letters of an answer that nobody reads again, the further share of such with a slip, and letters of a slipped word;
of three letters none is lost, since "cat" and "car" must not become each other."""


def roughen(rng: random.Random, text: str, spared: Collection[str] = ()) -> str:
    """The text as somebody might type it; words in `spared` are never misspelt."""
    for share, rougher in _ROUGHENINGS:
        if rng.random() < share:
            text = rougher(rng, text, spared)
    if len(text) <= SHORT and rng.random() < HASTY:
        text = slip_shortly(rng, text, spared)
    if rng.random() < 0.2 and text[-1] not in "!?.":
        text += rng.choice(_TAILS) if rng.random() < 0.1 and len(text.split()) > 2 else rng.choice(_ENDS)
    style = rng.random()
    if style < 0.015:
        return text.upper()
    if style < 0.025:
        return " ".join(word[:1].upper() + word[1:] for word in text.split(" "))
    return text[0].upper() + text[1:] if style < 0.1 else text


def abbreviate(rng: random.Random, text: str, spared: Collection[str] = ()) -> str:
    """Chat spelling, of most words that have one."""

    def shorter(match: re.Match[str]) -> str:
        kept = rng.random() < 0.35 or any(word in spared for word in match[0].split())
        return match[0] if kept else rng.choice(_CHAT_SPELLING[match[0]])

    return _SHORT.sub(shorter, text)


def drop_articles(rng: random.Random, text: str, spared: Collection[str] = ()) -> str:
    """Without most of its articles: "paint house red"."""
    words = text.split(" ")
    left = [word for word in words if word not in _ARTICLES or word in spared or rng.random() < 0.2]
    return " ".join(left) or text


def _drop_apostrophes(_rng: random.Random, text: str, _spared: Collection[str]) -> str:
    return text.replace("'", "")


def _drop_commas(_rng: random.Random, text: str, _spared: Collection[str]) -> str:
    return text.replace(",", "").strip() or text


def _crowd(_rng: random.Random, text: str, _spared: Collection[str]) -> str:
    return text.replace(", ", ",").replace(". ", ".")


def _stretch(rng: random.Random, text: str, spared: Collection[str]) -> str:
    def longer(match: re.Match[str]) -> str:
        index = match.lastindex or 0
        at = match.start(index) - match.start()
        return match[0] if match[0] in spared else match[0][:at] + match[index] * rng.randint(2, 4) + match[0][at + 1 :]

    return _STRETCHED.sub(longer, text, count=1)


def _double_word(rng: random.Random, text: str, spared: Collection[str]) -> str:
    words = text.split(" ")
    short = [i for i, word in enumerate(words) if word.isalpha() and len(word) < SHORTEST_MISTYPED]
    at = rng.choice([i for i in short if words[i] not in spared] or [0])
    return " ".join([*words[: at + 1], *words[at:]]) if len(words) > 2 and words[at] not in spared else text


def _join_words(rng: random.Random, text: str, spared: Collection[str]) -> str:
    words = text.split(" ")
    small = [word.isalpha() and len(word) <= SHORTEST_MISTYPED and word not in spared for word in words]
    pairs = [i for i in range(len(words) - 1) if small[i] and small[i + 1]]
    if not pairs:
        return text
    at = rng.choice(pairs)
    return " ".join([*words[:at], words[at] + words[at + 1], *words[at + 2 :]])


def _decorate(rng: random.Random, text: str, spared: Collection[str]) -> str:
    return _insert(rng, text, rng.choice(_EMOJI), spared, first=rng.random() < 0.5)


def _falter(rng: random.Random, text: str, spared: Collection[str]) -> str:
    return _insert(rng, text, rng.choice(_FILLERS), spared)


def _insert(rng: random.Random, text: str, word: str, spared: Collection[str], first: bool = False) -> str:
    """A word put first or anywhere, but not between two spared ones, which may be one name."""
    words = text.split(" ")
    gaps = [i for i in range(len(words)) if i == 0 or not (words[i - 1] in spared and words[i] in spared)]
    at = 0 if first else rng.choice(gaps)
    return " ".join([*words[:at], word, *words[at:]])


def _americanise(_rng: random.Random, text: str, _spared: Collection[str]) -> str:
    return americanise(text)


def americanise(text: str) -> str:
    """American spelling."""
    for british, american in _AMERICAN:
        text = text.replace(british, american)
    return text


def mistype(rng: random.Random, text: str, spared: Collection[str] = ()) -> str:
    """One word (two in some long texts) with a slip of the finger."""
    words = text.split(" ")
    long = [
        i for i, word in enumerate(words) if len(word) >= SHORTEST_MISTYPED and word.isalpha() and word not in spared
    ]
    twice = rng.random() < (0.4 if len(words) > LONG else 0.15)
    for index in rng.sample(long, min(len(long), 2 if twice else 1)):
        words[index] = slip(rng, words[index])
    return " ".join(words)


def slip_shortly(rng: random.Random, text: str, spared: Collection[str] = ()) -> str:
    """One word of three letters or more with two letters swapped, one doubled or, in longer words, one lost."""
    words = text.split(" ")
    able = [
        i for i, word in enumerate(words) if len(word) >= SHORTEST_SLIPPED and word.isalpha() and word not in spared
    ]
    if not able:
        return text
    index = rng.choice(able)
    word, long = words[index], len(words[index]) > SHORTEST_SLIPPED
    at = rng.randrange(0 if long else 1, len(word) - 1)
    kind = rng.choice(("swap", "swap", "double", "lose" if long and at else "swap"))
    middle = {"swap": word[at + 1] + word[at], "double": word[at] * 2 + word[at + 1], "lose": word[at + 1]}[kind]
    words[index] = word[:at] + middle + word[at + 2 :]
    return " ".join(words)


def slip(rng: random.Random, word: str) -> str:
    """The word with two letters swapped, one lost, doubled or replaced by its neighbour on the keyboard."""
    at = rng.randrange(1, len(word) - 1)
    kind = rng.choice(("swap", "lose", "double", "neighbour"))
    if kind == "swap":
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == "lose":
        return word[:at] + word[at + 1 :]
    if kind == "double":
        return word[:at] + word[at] + word[at:]
    return word[:at] + _neighbour(rng, word[at]) + word[at + 1 :]


def _neighbour(rng: random.Random, letter: str) -> str:
    row = next((row for row in _KEYS if letter in row), letter)
    at = row.index(letter)
    return rng.choice([row[i] for i in (at - 1, at + 1) if 0 <= i < len(row)] or [letter])


_ROUGHENINGS: tuple[tuple[float, Callable[[random.Random, str, Collection[str]], str]], ...] = (
    (0.3, _americanise),
    (0.05, abbreviate),
    (0.03, drop_articles),
    (0.015, _stretch),
    (0.12, _drop_apostrophes),
    (0.1, _drop_commas),
    (0.08, mistype),
    (0.01, _join_words),
    (0.01, _double_word),
    (0.018, _falter),
    (0.015, _decorate),
    (0.03, _crowd),
)
"""What happens to a text, in turn, and how often."""
