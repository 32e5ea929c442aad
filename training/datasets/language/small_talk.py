"""Turns that ask for no change: greetings, thanks, other subjects, and questions about the picture."""

from __future__ import annotations

from collections.abc import Callable

from dialogue_service.caption_words import listed, on_side
from training.datasets.instructions import phrase
from training.datasets.language import wordings
from training.datasets.language.assistant import Reply, chat, say
from training.datasets.language.naming import refer
from training.datasets.language.talk import Talk
from training.datasets.language.telling import tell
from training.datasets.language.wish import ON_THINGS, wish_of
from training.datasets.world import article

UNTOLD = "untold"
REMARKED = 0.2
"""Share of digressions that name a thing or a colour all the same."""
FOLLOWED = 0.4
"""Share of questions about a thing that are asked before it should change."""


def greet(talk: Talk) -> None:
    """Hello."""
    _topic(talk, "hello")


def close(talk: Talk) -> None:
    """Thanks, praise or good bye."""
    _topic(talk, talk.rng.choice(("thanks", "praise", "bye")))


def praise(talk: Talk) -> None:
    """Praise or thanks in between."""
    _topic(talk, talk.rng.choice(("thanks", "praise", "praise")))


def digress(talk: Talk) -> None:
    """Something that has nothing to do with changes to the picture, whatever things and colours it names."""
    if talk.rng.random() < REMARKED:
        _remark(talk)
        return
    _topic(
        talk,
        talk.rng.choice(("who", "help", "help", "colours", "things", *(("off_topic",) * 6), "unclear", "unclear")),
    )


def _remark(talk: Talk) -> None:
    """A word about the user's life in which a thing and a colour occur."""
    words = talk.picture.words
    kind = talk.rng.choice(talk.picture.kinds or words.kinds)
    slots = {"k": kind, "t": article(kind), "o": talk.rng.choice(words.colours)}
    talk.take(talk.speaker.bare("chat.remark", **slots), say("off_topic"))


def impossible(talk: Talk) -> None:
    """A wish that no instruction can express."""
    slots = {"x": refer(talk.rng, talk.picture, talk.rng.choice(talk.picture.kinds))} if talk.picture.kinds else {}
    talk.take(talk.speaker.wrapped("chat.cannot.do", "chat.cannot.say", **slots), say("cannot"))


def leave_alone(talk: Talk) -> None:
    """What should stay as it is."""
    if talk.picture.kinds:
        kind = talk.rng.choice(talk.picture.kinds)
        talk.take(talk.speaker.bare("chat.leave", x=refer(talk.rng, talk.picture, kind)), say("never"))


def start_over(talk: Talk) -> None:
    """All the way back to the first picture, which no instruction can say."""
    _topic(talk, "reset")


def ask_back(talk: Talk) -> None:
    """A question about the picture, seldom with a wish for the thing that was asked about."""
    questions = (_colour, _is_colour, _which_colour, _where, _what, _how_many, _is_there, _setting, _setting, _done)
    spoken_of, talk.focus = talk.focus, None
    talk.rng.choice(questions)(talk)
    asked, talk.focus = talk.focus, talk.focus or spoken_of
    if asked and asked in talk.picture.kinds and talk.rng.random() < FOLLOWED:
        _follow(talk, asked)


def _follow(talk: Talk, kind: str) -> None:
    """A wish for "that one"."""
    for _ in range(30):
        wish = wish_of(talk.any_change(ON_THINGS))
        if wish.target == kind:
            talk.wish(tell(talk, wish, talk.rng.choice(("that one", "that one", "it", "that", "this one"))), wish)
            return


def _topic(talk: Talk, topic: str) -> None:
    talk.take(talk.speaker.bare(f"chat.{topic}"), say(topic))


def _colour(talk: Talk) -> None:
    _about(talk, "question.colour", "colour", lambda kind, colour: f"the {kind} is {colour}.")


def _is_colour(talk: Talk) -> None:
    things = [thing for thing in talk.picture.scene.things if thing.colour]
    if not talk.picture.known or not things:
        return
    thing = talk.rng.choice(things)
    guess = thing.colour if talk.rng.random() < 0.5 else talk.colour()
    reply = chat(f"{'yes' if guess == thing.colour else 'no'}, the {thing.kind} is {thing.colour}.")
    talk.take(talk.speaker.bare("question.is_colour", x=f"the {thing.kind}", c=guess), reply, thing.kind)


def _which_colour(talk: Talk) -> None:
    """Red or blue? Seldom neither."""
    things = [thing for thing in talk.picture.scene.things if thing.colour]
    if not talk.picture.known or not things:
        return
    thing = talk.rng.choice(things)
    right = thing.colour if talk.rng.random() < 0.85 else talk.colour()
    wrong = talk.rng.choice([colour for colour in talk.picture.words.colours if colour != right])
    first, second = talk.rng.sample((right, wrong), 2)
    said = talk.speaker.bare("question.either", x=f"the {thing.kind}", c=first, d=second)
    talk.take(said, chat(f"the {thing.kind} is {thing.colour}."), thing.kind)


def _how_many(talk: Talk) -> None:
    count = len(talk.picture.kinds)
    words = ("nothing", "one thing", "two things", "three things", "four things", "five things")
    are = "is" if count < 2 else "are"
    known = talk.picture.known and count < len(words)
    reply = chat(f"there {are} {words[count]}: {wordings.the_things(talk.picture, 'and')}.") if known else say(UNTOLD)
    if known and not count:
        reply = chat("there is nothing yet.")
    talk.take(talk.speaker.bare("question.how_many"), reply)


def _where(talk: Talk) -> None:
    _about(talk, "question.where", "side", lambda kind, side: f"the {kind} is {on_side(side)}.")


def _about(talk: Talk, section: str, attribute: str, tell: Callable[[str, str], str]) -> None:
    if not talk.picture.kinds:
        return
    kind = talk.rng.choice(talk.picture.kinds)
    if talk.picture.known and talk.rng.random() < 0.15:
        kind = talk.absent_kind()
        talk.take(talk.speaker.bare(section, x=f"the {kind}"), chat(f"there is no {kind}."))
        return
    thing = talk.picture.thing(kind)
    value = getattr(thing, attribute) if thing else ""
    # Asked plainly: "what colour is the red thing" would be no question, nor would "where is the thing on the left".
    reply = chat(tell(kind, value)) if value else say(UNTOLD)
    talk.take(talk.speaker.bare(section, x=f"the {kind}"), reply, kind)


def _what(talk: Talk) -> None:
    reply = say(UNTOLD)
    if talk.picture.known:
        named = [wordings.thing_named(thing.kind, thing.colour) for thing in talk.picture.scene.things]
        reply = chat(f"there is {listed(named, 'and') or 'nothing yet'}.")
    talk.take(talk.speaker.bare("question.what"), reply)


def _is_there(talk: Talk) -> None:
    there = talk.rng.random() < 0.5 and talk.picture.kinds
    kind = talk.rng.choice(talk.picture.kinds) if there else talk.absent_kind()
    reply = say(UNTOLD)
    if talk.picture.known:
        reply = chat(f"yes, there is {article(kind)}." if there else f"no, there is no {kind}.")
    talk.take(talk.speaker.bare("question.is_there", k=kind, n=article(kind)), reply)


def _setting(talk: Talk) -> None:
    aspect = talk.rng.choice(("time", "weather", "place"))
    value = getattr(talk.picture.scene, aspect) if talk.picture.known else ""
    said = {"day": "it is day", "snow": "it is in the snow", "beach": "it is on the beach"}
    reply = chat((said.get(value) or wordings.already(value).removesuffix(" already.")) + ".") if value else say(UNTOLD)
    talk.take(talk.speaker.bare(f"question.{aspect}"), reply)


def _done(talk: Talk) -> None:
    reply: Reply = chat(f"i did this: {phrase(talk.last)}.") if talk.last else chat("nothing yet.")
    talk.take(talk.speaker.bare("question.done"), reply)
