"""What the model's answer is held against: does its instruction make sense for the picture as it is now?

A small network is poor at "is there a fish?" and at "is it red already?", which the retold caption answers exactly. So
an instruction for something that is not there becomes the question which thing is meant, and one that would change
nothing is said to be so. This goes by captions that tell everything (things with their sides, and the place); of others
nobody knows what they leave out. And whoever plainly says "undo" gets an undo, whatever the model makes of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from dialogue_service.caption_words import (
    SHADES,
    is_plural,
    listed,
    on_side,
    split_style,
    tells_all,
    things_in,
    with_article,
)
from dialogue_service.instruction import Answer, compose
from dialogue_service.politeness import AFTER, BEFORE, plain
from dialogue_service.questions import NO_ROOM, about_thing, ask, free_sides, put_right, without_echo
from dialogue_service.retelling import retell
from shared.schemas.dialogue import DialogueRequest, ReplyKind
from shared.schemas.edit import in_order

CANNOT_UNDO = "I was never told how it was before, but you can go back to the earlier picture."

_AS_IT_WAS = r"(?:as|like|how|the way|to how|to the way|to what|to as) it (?:was|used to be)(?: before(?: that)?)?"
_UNDO = (
    r"(?:undo(?: (?:it|that|this|the last (?:one|change|edit|step|thing)|your last change|last change))?"
    r"|(?:go|step|take me) back(?: one(?: step)?| a step| once)?"
    rf"|(?:go )?back {_AS_IT_WAS}"
    r"|revert(?: (?:it|that|this|the last (?:one|change|edit|step)))?"
    r"|(?:i )?take (?:that|it|this) back"
    rf"|(?:put|change|turn|set) (?:it|that|this|everything) back(?: {_AS_IT_WAS})?"
    rf"|(?:make|put|leave) (?:it|that|everything) {_AS_IT_WAS}"
    rf"|i (?:want|liked|prefer|preferred) it (?:back )?{_AS_IT_WAS}"
    r"|(?:i (?:liked|preferred) it|it (?:was|looked)) (?:better |nicer |more )?before"
    r"(?:\W+(?:so )?(?:go|put it|take it) back)?"
    rf"|{_AS_IT_WAS})"
)
_ASKS_TO_UNDO = re.compile(rf"\W*{BEFORE}{_UNDO}{AFTER}\W*")

_THANKS = (
    r"(?:thanks?|thank (?:you|u)|many thanks|thx|ty|cheers)(?: (?:so|very) much| a lot| a bunch| for (?:that|this|it))?"
)
_BYE = r"(?:good ?bye|bye(?: bye)?|see you(?: later)?)"
_ONLY_THANKS = re.compile(
    rf"\W*(?:(?:oh|ah|great|cool|nice|perfect|lovely|wow)\W+)*{_THANKS}(?:\W+{_BYE})?\W*|\W*{_BYE}\W*"
)
WELCOME = "You're welcome!"

_ADDING = re.compile(r"add an? (.+) (?:on|in) the (left|right|middle)")
_RESIZING = re.compile(r"make the (.+) (bigger|smaller)")
_PAINTING = re.compile(rf"paint the (.+?) ((?:(?:{'|'.join(sorted(SHADES))}) )*[\w-]+)")
_REMOVING = re.compile(r"remove the (.+)")
_REPLACING = re.compile(r"replace the (.+?) with (an? .+)")
_PLAINLY_REPLACING = re.compile(r"replace the ([\w-]+) with an? ([\w-]+)")
_ON_A_THING = ((_RESIZING, "make {}"), (_PAINTING, "paint {}"), (_REMOVING, "remove"), (_REPLACING, "replace with {}"))
"""Instructions for a thing (their first group), and what they ask for without it."""
_ALREADY = {
    "make it day": "It is day already.",
    "make it sunset": "It is sunset already.",
    "make it night": "It is night already.",
    "make it rain": "It is raining already.",
    "make it snowy": "It is snowing already.",
    "make the weather clear": "The weather is clear already.",
    "make it a normal picture again": "It is a normal picture already.",
    "invert the colours": "It is a negative already.",
}


def asks_to_undo(text: str) -> bool:
    """Whether somebody plainly wants the last edit undone, and nothing else."""
    return _ASKS_TO_UNDO.fullmatch(plain(text)) is not None


def undoing(request: DialogueRequest, caption: str) -> Answer | None:
    """The answer to somebody who plainly asks to undo: what takes back the last turn's edit; None for anybody else."""
    if not (request.instructions and asks_to_undo(request.text)):
        return None
    last = next((turn.instruction for turn in reversed(request.turns) if turn.instruction), None)
    steps = len(in_order(last)) if last and request.instructions[-1] == in_order(last)[-1] else 1
    undone = [done.undo for done in reversed(retell(caption, request.instructions).done[-steps:])]
    if not all(undone):
        return Answer(ReplyKind.CHAT, CANNOT_UNDO)
    return compose(ReplyKind.EDIT, "; ".join(filter(None, undone)))


def thanked(answer: Answer, text: str) -> Answer:
    """The answer; but to thanks or good bye alone none that edits, not even if a question was open."""
    if answer.instruction is not None and _ONLY_THANKS.fullmatch(plain(text)):
        return Answer(ReplyKind.CHAT, WELCOME)
    return answer


def sensible(answer: Answer, caption: str, instructions: Sequence[str]) -> Answer:
    """The answer, or what to say instead where the picture is known and the instruction makes no sense for it.

    Of several instructions the sensible ones stay, and what speaks against the others is said. What takes a thing's
    place gets its colour, if none was named. A question lists what is there.
    """
    if answer.kind is ReplyKind.CLARIFICATION:
        shown = retell(caption, instructions).caption
        plain = without_echo(answer.text)
        answer = put_right(plain, shown) if tells_all(shown) else replace(answer, text=plain)
    if answer.instruction is None:
        return answer
    done, kept, objections = list(instructions), list[str](), list[Answer]()
    for told in in_order(answer.instruction):
        step = _with_colour(told, caption, done)
        objection = _objection(retell(caption, done).caption, step)
        if objection is not None:
            objections.append(objection)
            continue
        kept.append(step)
        done.append(step)
    if not objections:
        return compose(ReplyKind.EDIT, "; ".join(kept))
    return _with_objections(compose(ReplyKind.EDIT, "; ".join(kept)), objections) if kept else objections[0]


def _with_colour(step: str, caption: str, done: Sequence[str]) -> str:
    """A replacement with the old thing's colour where the caption tells it and none was named; else the step."""
    new = _PLAINLY_REPLACING.fullmatch(step)
    if new is None or not tells_all(retell(caption, done).caption):
        return step
    back = _REPLACING.fullmatch(retell(caption, [*done, step]).done[-1].undo or "")
    colour = back[2].split()[1:-1] if back else []
    return f"replace the {new[1]} with {with_article(' '.join([*colour, new[2]]))}" if colour else step


def _with_objections(answer: Answer, objections: Sequence[Answer]) -> Answer:
    """An edit that says what it leaves out; without the question that goes with it, which the next turn cannot see."""
    reasons = [objection.text.split(". ")[0].rstrip(".") + "." for objection in objections]
    return replace(answer, text=" ".join([answer.text, *reasons]))


def _objection(caption: str, step: str) -> Answer | None:
    """What speaks against an instruction for a picture whose caption is retold; None too where no rule knows it."""
    if not tells_all(caption):
        return None
    things, target = things_in(caption), ""
    for pattern, asked in _ON_A_THING:
        if found := pattern.fullmatch(step):
            target = found[1].split()[-1]
            if target not in things:
                return _not_there(things, found[1], asked.format(*found.groups()[1:]))
    if adding := _ADDING.fullmatch(step):
        return _no_room(caption, adding[1], adding[2])
    new = _REPLACING.fullmatch(step)
    if new and (noun := new[2].split()[-1]) in things and new[1].split()[0] != noun:
        return _chat(f"There is {with_article(noun)} already.")
    if things.count(target) > 1:
        return None  # one of them is so already, but perhaps another one is meant
    after = retell(caption, [step])
    as_it_is = "".join(split_style(caption))  # as retelling leaves it: without "a picture of"
    return _chat(_already(step)) if after.done[0].told and after.caption == as_it_is else None


def _not_there(things: Sequence[str], missing: str, asked: str) -> Answer:
    if not things:
        return ask("There is nothing there. What shall I add, for example a cat, a tree or a car?")
    which = listed([f"the {thing}" for thing in things])
    none = f"There {'are' if is_plural(missing) else 'is'} no {missing}."
    if len(things) == 1:
        return ask(f"{none} Shall I {about_thing(asked, things[0])}?")
    return ask(f"{none} Which one shall I {asked}: {which}?")


def _no_room(caption: str, thing: str, side: str) -> Answer | None:
    noun = thing.split()[-1]
    if noun in things_in(caption):
        return _chat(f"There is {with_article(noun)} already.")
    free = free_sides(caption)
    if side in free:
        return None
    if not free:
        return _chat(NO_ROOM)
    return ask(f"There is something {on_side(side)} already. Where shall I put the {thing}: {listed(free)}?")


def _already(step: str) -> str:
    if step in _ALREADY:
        return _ALREADY[step]
    if painting := _PAINTING.fullmatch(step):
        return f"The {painting[1]} is {painting[2]} already."
    if resizing := _RESIZING.fullmatch(step):
        return (
            f"The {resizing[1]} is as {resizing[2].replace('bigger', 'big').replace('smaller', 'small')} as it can be."
        )
    if replacing := _REPLACING.fullmatch(step):
        return f"There is {replacing[2]} already."
    if step.startswith("move it to the "):
        return f"It is in the {step.removeprefix('move it to the ')} already."
    return f"It is {step.removeprefix('make it ')} already."


def _chat(words: str) -> Answer:
    return Answer(ReplyKind.CHAT, words)
