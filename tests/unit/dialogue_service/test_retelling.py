"""Captions retold after instructions."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogue_service.caption_words import tells_all
from dialogue_service.retelling import retell, takes_back
from training.datasets import world
from training.datasets.changes import apply, sample_change
from training.datasets.instructions import parse, phrase
from training.datasets.world import Scene

LIGHT = ("make it brighter", "make it darker")
"""No caption tells how light its picture is."""
ROOM = "a red house on the left and a small green tree on the right, in a meadow at night"


@pytest.mark.parametrize(
    ("caption", "instruction", "retold", "undo"),
    [
        (ROOM, "paint the house blue", ROOM.replace("red", "blue"), "paint the house red"),
        (ROOM, "make the tree bigger", ROOM.replace("small ", ""), "make the tree smaller"),
        (ROOM, "make the house smaller", ROOM.replace("red", "small red"), "make the house bigger"),
        (ROOM, "move it to the snow", ROOM.replace("in a meadow", "in the snow"), "move it to the meadow"),
        (ROOM, "make it day", ROOM.replace(" at night", ""), "make it night"),
        (ROOM, "make it rain", f"{ROOM}, raining", "make the weather clear"),
        (ROOM, "make it a pencil sketch", f"a pencil sketch of {ROOM}", "make it a normal picture again"),
        (
            ROOM, "remove the tree",
            "a red house on the left, in a meadow at night", "add a green tree on the right",
        ),
        (
            ROOM, "replace the tree with an orange cat",
            ROOM.replace("green tree", "orange cat"), "replace the cat with a green tree",
        ),
        (ROOM, "add a blue fish in the middle", f"a blue fish in the middle and {ROOM}", "remove the fish"),
        ("a cat in the snow", "remove the cat", "an empty snowy field", None),
        ("an empty beach", "add a red car on the left", "a red car on the left, on a beach", "remove the car"),
        (
            "a man riding a shiny red motorcycle", "paint the motorcycle turquoise",
            "a man riding a turquoise shiny motorcycle", "paint the motorcycle red",
        ),
        ("a man and his dog", "paint the dog light blue", "a man and his light blue dog", None),
        ("two sheep, old barn", "make the barn bigger", "two sheep, old big barn", "make the barn smaller"),
        ("a dog next to a fire hydrant", "remove the dog", "a fire hydrant", None),
        ("dogs in a kitchen", "move it to the beach", "dogs in a kitchen, on a beach", None),
        ("a black and white cat in a box", "paint the cat red", "a red cat in a box", None),
        ("a dark green and yellow train", "paint the train blue", "a blue train", None),
        ("A Sepia picture of a cat", "make it a normal picture again", "a cat", "make it sepia"),
        ("a sepia picture of a cat", "invert the colours", "a negative of a cat", "make it sepia"),
    ],
)  # fmt: skip
def test_one_instruction(caption: str, instruction: str, retold: str, undo: str | None) -> None:
    found = retell(caption, [instruction])
    assert found.caption == retold
    (done,) = found.done
    assert done.told
    assert done.undo == undo


@pytest.mark.parametrize(
    ("instruction", "back"),
    [("paint the house red", True), ("paint the house blue", False), ("make the tree smaller", False)],
)
def test_an_instruction_takes_back_only_the_last_one(instruction: str, back: bool) -> None:
    assert takes_back(ROOM, ["make the tree bigger", "paint the house blue"], instruction) is back


def test_there_is_nothing_to_take_back_at_the_beginning() -> None:
    assert not takes_back(ROOM, [], "paint the house red")


@pytest.mark.parametrize("instruction", ["paint the boat red", "remove the boat", "give the house a hat"])
def test_what_the_caption_cannot_tell_of_is_left_to_the_model(instruction: str) -> None:
    found = retell(ROOM, [instruction])
    assert found.caption == ROOM
    assert not found.done[0].told


@pytest.mark.parametrize(
    ("caption", "instruction"),
    [
        ("a group of people standing around a table", "remove the people"),
        ("a bowl of oranges on a table", "remove the bowl"),
        ("a person holding a cell phone", "remove the cell phone"),
        ("a cat laying on top of a bed next to a window", "remove the cat"),
        ("there is a dog in the yard", "remove the dog"),
        ("a stop sign on the side of a road", "remove the sign"),
    ],
)
def test_what_others_lean_on_is_not_cut_out_of_a_sentence(caption: str, instruction: str) -> None:
    found = retell(caption, [instruction])
    assert (found.caption, found.done[0].told) == (caption, False)


def test_a_very_long_instruction_is_left_alone() -> None:
    assert not retell(ROOM, ["paint the " + "house " * 60 + "red"]).done[0].told


@pytest.mark.parametrize("seed", range(200))
def test_the_worlds_own_captions_tell_all_however_they_are_retold(seed: int) -> None:
    rng = random.Random(seed)
    scene = world.sample_scene(rng)
    caption, instructions = world.caption(scene, rng), []
    for _ in range(rng.randint(0, 4)):
        change = sample_change(rng, scene)
        scene = apply(scene, change)
        instructions.append(phrase(change))
    assert tells_all(caption)
    assert tells_all(retell(caption, instructions).caption)


def test_without_a_caption_only_the_way_back_is_told() -> None:
    found = retell("", ["add a red ball on the left", "make the ball bigger", "paint the ball blue"])
    assert found.caption == ""
    assert [done.told for done in found.done] == [False] * 3
    assert [done.undo for done in found.done] == ["remove the ball", "make the ball smaller", None]


@pytest.mark.parametrize("seed", range(300))
def test_any_edits_of_any_scene_are_retold_and_taken_back(seed: int) -> None:
    rng = random.Random(seed)
    scene = world.sample_scene(rng)
    caption, instructions = world.caption(scene, rng), []
    for _ in range(rng.randint(1, 5)):
        before, change = scene, sample_change(rng, scene)
        scene = apply(scene, change)
        instructions.append(phrase(change))
    found = retell(caption, instructions)
    assert told(found.caption) == told(world.caption(scene))
    assert all(done.told or done.instruction in LIGHT for done in found.done)
    undo = parse(found.done[-1].undo or "")
    assert undo is not None
    assert facts(apply(scene, undo)) == facts(before)


WORDS = ("a", "the", "red", "black", "and", "white", "light", "house", "cat", "boat", "of", ",", "on")
NAMES = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)
INSTRUCTIONS = st.one_of(
    st.text(max_size=40),
    st.builds("paint the {} {}".format, NAMES, NAMES),
    st.builds("replace the {} with a {}".format, NAMES, NAMES),
    st.builds("remove the {}".format, NAMES),
    st.builds("make the {} bigger".format, NAMES),
    st.builds("add a {} on the left".format, NAMES),
    st.sampled_from(("move it to the beach", "make it night", "make it rain", "make it sepia", "invert the colours")),
)
CAPTIONS = st.one_of(st.text(max_size=60), st.builds("{}, in a meadow{}".format, NAMES, NAMES), NAMES)


@settings(deadline=None)
@given(caption=CAPTIONS, instructions=st.lists(INSTRUCTIONS, max_size=4))
def test_no_text_breaks_it(caption: str, instructions: list[str]) -> None:
    assert len(retell(caption, instructions).done) == len(instructions)


def told(caption: str) -> set[str]:
    """What a caption says, in whatever order: its words around commas, colons and `and`."""
    caption = re.sub(r"^(a picture|a drawing) of ", "", caption.replace("centre", "middle"))
    style, _, rest = caption.rpartition(" of ")
    parts = re.split(r", | and |: ", rest)
    return {style} | {re.sub(r"\b(in|on) (a|the) ", r"\1 ", part) for part in parts}


def facts(scene: Scene) -> tuple[object, ...]:
    """All of a scene but where exactly its things stand, and in which order they are listed."""
    things = sorted((thing.kind, thing.colour, thing.side) for thing in scene.things)
    return scene.place, scene.time, scene.weather, scene.style, things
