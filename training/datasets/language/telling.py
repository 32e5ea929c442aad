"""A clear wish in words."""

from __future__ import annotations

from training.datasets.language.talk import Talk
from training.datasets.language.wish import SETTINGS, Wish


def tell(talk: Talk, wish: Wish, target: str | None = None) -> str:
    """An explicit wish in words; `target` stands for the thing's name ("it")."""
    speaker, slots = talk.speaker, talk.speaker.details(talk.picture, wish, target)
    if wish.action in (*SETTINGS, "light"):
        return _tell_setting(talk, wish, slots)
    if wish.action == "resize":
        return speaker.wrapped(f"{wish.size}.do", f"{wish.size}.say", **slots)
    if wish.action == "add":
        return speaker.wrapped("add.there.do", "add.there.say", **slots)
    if wish.action == "recolour" and "o" in slots and talk.rng.random() < 0.08:
        return speaker.wrapped("recolour.from.do", **slots)
    return speaker.wrapped(f"{wish.action}.do", f"{wish.action}.say", **slots)


def section_of(action: str, value: str) -> str:
    """The section of phrases that mean a value."""
    return f"{action}.{value.replace(' ', '_')}"


def _tell_setting(talk: Talk, wish: Wish, slots: dict[str, str]) -> str:
    section = section_of(wish.action, wish.value or "")
    known = talk.speaker.has(section)
    if wish.action == "place" and (not known or talk.rng.random() < 0.6):
        return talk.speaker.wrapped("place.do", "place.say", **slots)
    return talk.speaker.wrapped(section)
