"""Two wishes of which only one can be carried out at once, and the reminder of the other."""

from __future__ import annotations

from training.datasets.language.answering import settle
from training.datasets.language.talk import Talk
from training.datasets.language.telling import tell
from training.datasets.language.wish import SETTINGS, Wish, wish_of

_OPEN = {"recolour": "recolour.no_colour", "resize": "resize.no_size", "replace": "replace.no_new"}


def half_clear(talk: Talk) -> None:
    """One wish is clear and is done; the user comes back to the other one, which is not."""
    clear = wish_of(talk.any_change())
    others = [kind for kind in talk.picture.kinds if kind not in (clear.target, clear.new)]
    aspect = talk.rng.choice([name for name in SETTINGS if name != clear.action])
    unclear = Wish(aspect)
    if others and talk.rng.random() < 0.7:
        unclear = Wish(talk.rng.choice(tuple(_OPEN)), talk.rng.choice(others))
    with talk.speaker.plainly():
        said, said_openly = tell(talk, clear), _tell_openly(talk, unclear)
    if talk.rng.random() < 0.65:
        talk.wishes(talk.speaker.joined(said, said_openly), clear, unclear)
    else:
        talk.wishes(talk.speaker.joined(said_openly, said), unclear, clear)
    if talk.left and talk.rng.random() < 0.8:
        settle(talk, talk.wish(talk.speaker.bare("ref.other_half"), talk.left))


def _tell_openly(talk: Talk, wish: Wish) -> str:
    section = _OPEN.get(wish.action, f"{wish.action}.none")
    slots = talk.speaker.details(talk.picture, wish, f"the {wish.target}" if wish.target else None)
    return talk.speaker.wrapped(f"{section}.do", f"{section}.say", **slots)
