"""Read hand-written dialogues: one block each, `@` caption, `<` done before, `>` said, then `=`, `?` or `~` answered.

    @ a red house on the left and a small green tree on the right, in a meadow
    > that roof hurts my eyes, can we go for something like the sky?
    = paint the house blue
    > and the other one?
    ? which colour should the tree be?

`=` is an instruction as it is meant (what cannot be is put into words by the service's rules), `?` a question and `~`
plain words. A line `!` after the caption says that the dialogue hangs on its very words: elsewhere things and colours
of the world are exchanged for others, so that one block is many.
"""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from dialogue_service.caption_words import SIDES, listed, tells_all, things_in
from dialogue_service.history import normalised
from dialogue_service.instruction import Answer, compose
from dialogue_service.retelling import retell
from dialogue_service.sense import sensible
from shared.schemas.dialogue import ReplyKind
from shared.schemas.edit import in_order
from training.datasets.dialogue_examples import Dialogue
from training.datasets.instructions import parse
from training.datasets.language import wordings
from training.datasets.language.noise import roughen
from training.datasets.world import COLOURS, KINDS, article

EXCHANGED = 0.6
"""Share of the dialogues in which other things and colours stand for the written ones, where that may be."""
ROUGHENED = 0.15
"""Share of what is said that is mistyped and the like: much of it is written so already."""

HELD_OUT = 20
"""One dialogue of so many is kept from training."""

_KINDS = {"=": ReplyKind.EDIT, "?": ReplyKind.CLARIFICATION, "~": ReplyKind.CHAT}
_WORDS = "|".join((*KINDS, *COLOURS))
_EXCHANGEABLE = re.compile(rf"\bblack and white\b|\b({_WORDS})\b", re.IGNORECASE)
"""The words that are exchanged (group 1); the style is none of them."""
_ARTICLE = re.compile(rf"\b(an?)( (?:small |big )?(?:{_WORDS}))\b", re.IGNORECASE)
_CHAT = frozenset(wordings.SMALL_TALK.values())
_WORD = r"[\w'-]+(?: [\w'-]+)*?"
_LISTED = r"(?:the \w+, )*(?:the \w+ or )?the \w+"
_SETTINGS = (wordings.WHICH_PLACE, wordings.WHICH_TIME, wordings.WHICH_WEATHER, wordings.WHICH_STYLE)
_QUESTIONS = re.compile(
    rf"(?P<any>what shall i change: (?:the \w+, )*{re.escape(wordings.ASPECTS)}\?)"
    rf"|(?P<about>what about the {_WORD}: another colour, another size, something else in its place, or remove it\?)"
    rf"|(?P<which>which one shall i [\w ]+: {_LISTED}\?)"
    rf"|(?P<colour>which colour should the {_WORD} be\?)"
    rf"|(?P<instead>what shall i put in place of the {_WORD}, for example an? \w+, an? \w+ or an? \w+\?)"
    r"|(?P<add>what shall i add, for example an? \w+, an? \w+ or an? \w+\?)"
    rf"|(?P<colour_where>which colour should the {_WORD} be, and where: [\w, ]+\?)"
    rf"|(?P<where>where shall i put the {_WORD}: [\w, ]+\?)"
    rf"|(?P<size>shall i make the {_WORD} bigger or smaller\?)"
    rf"|(?P<setting>{'|'.join(map(re.escape, _SETTINGS))})"
)


class Malformed(ValueError):
    """A written dialogue that breaks the form; says where and how."""


@dataclass(frozen=True)
class Said:
    """One written turn: what a person said, and what is answered."""

    user: str
    kind: ReplyKind
    answer: str


@dataclass(frozen=True)
class Written:
    """One written dialogue; `fixed` if it hangs on its very words."""

    caption: str
    before: tuple[str, ...]
    turns: tuple[Said, ...]
    fixed: bool


@lru_cache
def written_dialogues(held_out: bool = False) -> tuple[Written, ...]:
    """The dialogues in this folder that are trained on, or those few that are kept from it."""
    folder = files(__package__ or __name__)
    texts = sorted(path.name for path in folder.iterdir() if path.name.endswith(".txt"))
    every = [written for name in texts for written in read(folder.joinpath(name).read_text(encoding="utf-8"))]
    return tuple(written for written in every if _is_held_out(written) is held_out)


def written_dialogue(rng: random.Random) -> Dialogue:
    """One of them, at random, mostly with other things and colours than were written."""
    written = rng.choice(written_dialogues())
    if not written.fixed and rng.random() < EXCHANGED:
        written = exchanged(rng, written)
    return told(written, rng)


def read(text: str) -> Iterator[Written]:
    """The dialogues of a text; raises Malformed, with its first line, for one that breaks the form."""
    for block in re.split(r"\n\s*\n", text.strip()):
        lines = [line.strip() for line in block.splitlines() if line.strip()]
        try:
            yield _read_block(lines)
        except ValueError as error:
            raise Malformed(f"{lines[0]} … {error}") from error


def exchanged(rng: random.Random, written: Written) -> Written:
    """The same dialogue about other things of other colours, one for one throughout.

    A word of an instruction that the person did not say stays: it may follow from what was said ("the leafy one").
    """
    kept = {word for turn in written.turns for word in _unsaid(turn)}
    other: dict[str, str] = {}
    for words in (KINDS, COLOURS):
        free = [word for word in words if word not in kept]
        other |= dict(zip(free, rng.sample(free, len(free)), strict=True))

    def of(text: str) -> str:
        swapped = _EXCHANGEABLE.sub(lambda found: _cased(other.get(found[0].lower(), found[0]), found[0]), text)
        return _ARTICLE.sub(_fitting_article, swapped) if swapped != text else text

    turns = tuple(Said(of(turn.user), turn.kind, of(turn.answer)) for turn in written.turns)
    return Written(of(written.caption), tuple(map(of, written.before)), turns, written.fixed)


def told(written: Written, rng: random.Random | None = None) -> Dialogue:
    """A written dialogue as one for training; with `rng` some of it is typed as people type.

    An answer that cannot be is what the service's rules make of it.
    """
    done, turns = list(written.before), []
    for turn in written.turns:
        answer = reply_to(turn, written.caption, done)
        user = roughen(rng, turn.user) if rng is not None and rng.random() < ROUGHENED else turn.user
        turns.append(
            {
                "user": user,
                "reply_kind": answer.kind.value,
                "reply": "" if answer.instruction else answer.text.lower(),
                "instruction": answer.instruction,
                **({"meant": turn.answer} if turn.kind is ReplyKind.EDIT else {}),
            }
        )
        done += in_order(answer.instruction) if answer.instruction else []
    return {
        "split": "train",
        "source": "written",
        "caption": written.caption,
        "instructions_before": list(written.before),
        "turns": turns,
    }


def reply_to(turn: Said, caption: str, done: Sequence[str]) -> Answer:
    """What the service answers where the model means what was written."""
    if turn.kind is not ReplyKind.EDIT:
        shown = retell(normalised(caption), done).caption
        return Answer(turn.kind, _with_hints(turn.answer, shown))
    return sensible(compose(ReplyKind.EDIT, turn.answer), normalised(caption), done)


def faults(written: Written) -> Iterator[str]:
    """What in a dialogue cannot be right: an instruction of no known form, a question that lists what is not there."""
    done = list(written.before)
    known = tells_all(normalised(written.caption))
    for turn in written.turns:
        if turn.kind is ReplyKind.EDIT:
            unknown = [step for step in in_order(turn.answer) if known and parse(step) is None]
            yield from (f"“{step}” is no instruction" for step in unknown)
            if not known and compose(ReplyKind.EDIT, turn.answer).kind is not ReplyKind.EDIT:
                yield f"“{turn.answer}” is no instruction"
        elif turn.kind is ReplyKind.CHAT and turn.answer not in _CHAT:
            yield f"“{turn.answer}” is none of the assistant's words"
        elif turn.kind is ReplyKind.CLARIFICATION:
            yield from _faults_of_question(turn.answer, retell(written.caption, done).caption if known else None)
        done += in_order(reply_to(turn, written.caption, done).instruction or "")


def _faults_of_question(question: str, caption: str | None) -> Iterator[str]:
    form = _QUESTIONS.fullmatch(question)
    if form is None:
        yield f"“{question}” is none of the assistant's questions"
        return
    if caption is None:
        return
    things, listed = things_in(caption), question.partition(":")[2]
    free = [side for side in SIDES if not re.search(rf"(?:on|in) the {side}", caption)]
    if form.lastgroup in ("any", "which"):
        named = re.findall(r"the (\w+)", listed.replace(wordings.ASPECTS, ""))
        if named != things:
            yield f"“{question}” lists {named}, there are {things}, in this order"
        elif form.lastgroup == "which" and len(things) < 2:
            yield f"“{question}”: there is but one thing"
    if form.lastgroup in ("where", "colour_where") and re.findall("|".join(SIDES), listed) != free:
        yield f"“{question}”: free are {wordings.where(free)}"
    if form.lastgroup in ("add", "instead"):
        hints = [hint for hint in wordings.HINTS if hint not in things][:3]
        if re.findall(r"an? (\w+)", question.partition("example")[2]) != hints:
            yield f"“{question}”: the three examples are {', '.join(hints)}"


def _read_block(lines: Sequence[str]) -> Written:
    caption, before, turns, fixed, said = None, list[str](), list[Said](), False, None
    for line in lines:
        mark, rest = line[0], line[1:].strip()
        if mark == "@" and caption is None:
            caption = rest
        elif mark == "<" and not turns:
            before.append(rest)
        elif mark == "!" and not rest:
            fixed = True
        elif mark == ">" and said is None and rest:
            said = rest
        elif mark in _KINDS and said is not None and rest:
            turns.append(Said(said, _KINDS[mark], rest if mark == "=" else rest.lower()))
            said = None
        else:
            raise ValueError(f"cannot read “{line}” here")
    if caption is None or not turns or said is not None:
        raise ValueError("a block is a caption and turns of two lines each")
    return Written(caption, tuple(before), tuple(turns), fixed)


def _is_held_out(written: Written) -> bool:
    return zlib.crc32(repr(written.turns).encode()) % HELD_OUT == 0


def _unsaid(turn: Said) -> set[str]:
    """Things and colours of an instruction that are not in the words of the person."""
    if turn.kind is not ReplyKind.EDIT:
        return set()
    return {*_EXCHANGEABLE.findall(turn.answer)} - {word.lower() for word in _EXCHANGEABLE.findall(turn.user)} - {""}


def _with_hints(question: str, caption: str) -> str:
    """A question whose examples are things that are not there."""
    asked, found, _ = question.partition(", for example ")
    hints = [hint for hint in wordings.HINTS if hint not in things_in(caption)][:3]
    return f"{asked}, for example {listed([article(hint) for hint in hints])}?" if found else question


def _cased(word: str, like: str) -> str:
    return word.upper() if like.isupper() else word.capitalize() if like[0].isupper() else word


def _fitting_article(found: re.Match[str]) -> str:
    article = "an" if found[2].strip()[0].lower() in "aeiou" else "a"
    return _cased(article, found[1]) + found[2]
