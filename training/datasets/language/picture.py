"""What the assistant has been told about a picture: its caption, and everything changed since."""

from __future__ import annotations

import random
import zlib
from dataclasses import dataclass, replace

from training.datasets import changes, world
from training.datasets.changes import Add, CannotApply, Change
from training.datasets.instructions import Split
from training.datasets.world import COLOURS, KINDS, SIDES, Scene, Thing, article

UNTOLD = ""
"""Stands for a colour, side, place, … that no caption and no change has told."""

SHADED = 0.06
"""Share of foreign colours of two words, as in "light teal"."""
NO_CAPTION, SHORT_CAPTION = 0.12, 0.12
"""Shares of pictures without a caption, and with one that tells only some of what there is."""


@dataclass(frozen=True)
class Words:
    """What fills the slots: names of things and of colours."""

    kinds: tuple[str, ...] = KINDS
    colours: tuple[str, ...] = COLOURS


WORLD = Words()


@dataclass(frozen=True)
class Picture:
    """The state of a picture in a conversation; things stand in the order in which the caption names them.

    `known` is false where there is no caption: then the scene is what the user sees and the assistant does not.
    `full` means that the caption tells everything; `closed` that only the world's own words can be drawn.
    """

    scene: Scene
    caption: str | None
    words: Words = WORLD
    full: bool = True
    closed: bool = True

    @property
    def known(self) -> bool:
        """Whether the assistant was told what is in the picture."""
        return self.caption is not None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The names of the things in it."""
        return tuple(thing.kind for thing in self.scene.things)

    @property
    def free_sides(self) -> tuple[str, ...]:
        """Where a new thing could stand, as far as the assistant knows."""
        return self.scene.free_sides() if self.known else SIDES

    def thing(self, kind: str) -> Thing | None:
        """The thing of this name, if the assistant knows of it."""
        return self.scene.thing(kind) if self.known else None

    def after(self, change: Change) -> Picture:
        """The picture once the change is carried out, whatever is untold."""
        try:
            return replace(self, scene=changes.apply(self.scene, change))
        except CannotApply:
            if not isinstance(change, Add):
                return self
            added = Thing(change.kind, change.colour, change.side)
            return replace(self, scene=replace(self.scene, things=(*self.scene.things, added)))


def draw_picture(rng: random.Random, split: Split, words: Words) -> Picture:
    """A picture of the scene world, its things and colours renamed where other words are given."""
    scene = draw_scene(rng, split)
    if words != WORLD:
        scene, words = _renamed(rng, scene, words)
    closed = words == WORLD
    chance = rng.random()
    if chance < NO_CAPTION:
        return Picture(scene, None, words, full=False, closed=False)
    if chance < NO_CAPTION + SHORT_CAPTION:
        scene, told = _told_shortly(rng, scene)
        return Picture(scene, told, words, full=False, closed=closed)
    told = world.caption(scene, rng if rng.random() < 0.8 else None)
    return Picture(_in_order(scene, told), told, words, full=True, closed=closed)


def draw_scene(rng: random.Random, split: Split) -> Scene:
    """A scene that belongs to the split: a tenth of all scenes are for testing, a tenth for validation."""
    while True:
        scene = world.sample_scene(rng)
        if split_of(repr(scene.to_json())) == split:
            return scene


def split_of(key: str) -> Split:
    """The split to which a scene or picture belongs, by a stable hash."""
    tenth = zlib.crc32(key.encode()) % 10
    return "test" if tenth == 0 else "validation" if tenth == 1 else "train"


def _renamed(rng: random.Random, scene: Scene, words: Words) -> tuple[Scene, Words]:
    """The scene in other words, and those words mixed with some of the world's own."""
    kinds = [kind if rng.random() < 0.85 else own for kind, own in zip(words.kinds, KINDS, strict=False)]
    colours = [
        _shaded(rng, colour) if rng.random() < 0.7 else own for colour, own in zip(words.colours, COLOURS, strict=False)
    ]
    names = rng.sample(kinds, len(scene.things))
    things = tuple(
        replace(thing, kind=name, colour=rng.choice(colours)) for thing, name in zip(scene.things, names, strict=True)
    )
    return replace(scene, things=things), Words(tuple(kinds), tuple(colours))


def _shaded(rng: random.Random, colour: str) -> str:
    return f"{rng.choice(('light', 'dark'))} {colour}" if rng.random() < SHADED else colour


def _in_order(scene: Scene, told: str) -> Scene:
    def place(thing: Thing) -> int:
        where = "in the" if thing.side == "middle" else f"on the {thing.side}"
        return told.find(f"{thing.colour} {thing.kind} {where}")

    return replace(scene, things=tuple(sorted(scene.things, key=place)))


def _told_shortly(rng: random.Random, scene: Scene) -> tuple[Scene, str]:
    """A caption of few words, and the scene without what it leaves out."""
    coloured, sided, articled = rng.random() < 0.5, rng.random() < 0.25, rng.random() < 0.75
    things, names = [], []
    for thing in scene.things:
        thing = replace(
            thing, size="normal", colour=thing.colour if coloured else UNTOLD, side=thing.side if sided else UNTOLD
        )
        things.append(thing)
        name = f"{thing.colour} {thing.kind}".strip()
        side = (
            rng.choice(("{}", "on the {}")).format(thing.side)
            if sided and thing.side != "middle"
            else "in the middle"
            if sided
            else ""
        )
        names.append(f"{article(name) if articled else name} {side}".strip())
    told = rng.choice((", ", " and ") if sided else (", ", " and ", " next to ", " with ")).join(names)
    told = rng.choice(("", "", "", "a picture of ", "my drawing of ", "photo of ", "this is ")) + told
    rest = Scene(place=UNTOLD, time=UNTOLD, weather=UNTOLD, things=tuple(things), style="normal")
    if rng.random() < 0.3:
        told += rng.choice(("", " here")) + f" in the {scene.place}"
        rest = replace(rest, place=scene.place)
    return rest, told
