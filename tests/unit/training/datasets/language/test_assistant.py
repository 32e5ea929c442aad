"""What the assistant should answer: an edit when all is clear, else a question for exactly what is missing."""

from __future__ import annotations

import pytest

from training.datasets.changes import Add, Recolour, Remove, Replace, Resize, SetTime
from training.datasets.instructions import phrase
from training.datasets.language.assistant import answer, which_member
from training.datasets.language.choices import chosen
from training.datasets.language.picture import Picture
from training.datasets.language.wish import Wish, undoing
from training.datasets.world import Scene, Thing

HOUSE = Thing("house", "red", "left")
TREE = Thing("tree", "green", "right", "big")
BOTH = Picture(Scene(things=(HOUSE, TREE)), "a red house on the left and a big green tree on the right, in a meadow")
ALONE = Picture(Scene(things=(HOUSE,)), "a red house on the left, in a meadow")
UNTOLD = Picture(Scene(things=(HOUSE, TREE)), None, full=False, closed=False)
FULL = Picture(Scene(things=(HOUSE, TREE, Thing("cat", "white", "middle"))), "a caption")


@pytest.mark.parametrize(
    ("picture", "wish", "instruction"),
    [
        (BOTH, Wish("recolour", "house", colour="orange"), "paint the house orange"),
        (ALONE, Wish("recolour", colour="blue"), "paint the house blue"),
        (BOTH, Wish("replace", "house", new="boat"), "replace the house with a red boat"),
        (UNTOLD, Wish("replace", "dog", new="cow"), "replace the dog with a cow"),
        (BOTH, Wish("add", new="balloon", colour="yellow"), "add a yellow balloon in the middle"),
        (BOTH, Wish("time", value="night"), "make it night"),
        (UNTOLD, Wish("style", value="sepia"), "make it sepia"),
        (UNTOLD, Wish("recolour", "dog", colour="plaid"), "paint the dog plaid"),
    ],
)
def test_a_clear_wish_is_carried_out_at_once(picture: Picture, wish: Wish, instruction: str) -> None:
    reply = answer(picture, wish)
    assert reply.change is not None
    assert phrase(reply.change) == instruction


@pytest.mark.parametrize(
    ("picture", "wish", "question"),
    [
        (BOTH, Wish("any"), "what shall i change: the house, the tree, the place, the time, the weather or the style?"),
        (BOTH, Wish("recolour", colour="blue"), "which one shall i paint blue: the house or the tree?"),
        (BOTH, Wish("recolour", "house"), "which colour should the house be?"),
        (BOTH, Wish("resize", "tree"), "shall i make the tree bigger or smaller?"),
        (BOTH, Wish("remove", "dog"), "there is no dog. which one shall i remove: the house or the tree?"),
        (ALONE, Wish("remove", "dog"), "there is no dog. shall i remove the house?"),
        (ALONE, Wish("add", new="cat", colour="pink"), "where shall i put the pink cat: middle or right?"),
        (ALONE, Wish("add", new="cat"), "which colour should the cat be, and where: middle or right?"),
        (
            BOTH,
            Wish("add", new="dragon"),
            "i can't draw a dragon. what shall i add, for example a cat, a car or a star?",
        ),
        (UNTOLD, Wish("remove"), "what in the picture shall i remove?"),
        (BOTH, Wish("time"), "which time of day: day, sunset or night?"),
    ],
)
def test_what_is_missing_is_asked_for(picture: Picture, wish: Wish, question: str) -> None:
    reply = answer(picture, wish)
    assert (reply.kind, reply.text) == ("clarification", question)


@pytest.mark.parametrize(
    ("picture", "wish", "words"),
    [
        (BOTH, Wish("recolour", "house", colour="red"), "the house is red already."),
        (BOTH, Wish("resize", "tree", size="bigger"), "the tree is as big as it can be."),
        (BOTH, Wish("add", new="tree"), "there is a tree already."),
        (BOTH, Wish("time", value="day"), "it is day already."),
        (FULL, Wish("add"), "there is no room for more: i can replace or remove something."),
    ],
)
def test_what_changes_nothing_is_said_so(picture: Picture, wish: Wish, words: str) -> None:
    reply = answer(picture, wish)
    assert (reply.kind, reply.text) == ("chat", words)


def test_a_colour_of_no_world_is_asked_for_again_with_the_choices() -> None:
    reply = answer(BOTH, Wish("recolour", "house", colour="plaid"))
    assert reply.text.startswith("i have no plaid. which colour should the house be: red,")


@pytest.mark.parametrize(
    ("wish", "instruction"),
    [
        (Wish("any"), "make it sunset"),
        (Wish("recolour", "house"), "paint the house orange"),
        (Wish("recolour", colour="blue"), "paint the house blue"),
        (Wish("change", "tree"), "paint the tree orange"),
        (Wish("place"), "move it to the beach"),
        (Wish("add"), "add an orange cat in the middle"),
    ],
)
def test_left_to_it_the_assistant_picks_something(wish: Wish, instruction: str) -> None:
    change = answer(BOTH, chosen(BOTH, answer(BOTH, wish))).change
    assert change is not None
    assert phrase(change) == instruction


def test_a_family_with_one_member_left_needs_no_question_about_it() -> None:
    with_cat_and_bird = Picture(Scene(things=(Thing("cat", "red", "left"), Thing("bird", "red", "right"))), "a caption")
    reply = which_member(with_cat_and_bird, ("cat", "bird", "fish"))
    assert reply.text == "which colour should the fish be?"


@pytest.mark.parametrize(
    ("change", "reverse"),
    [
        (Recolour("house", "blue"), Recolour("house", "red")),
        (Replace("house", "boat", "blue"), Replace("boat", "house", "red")),
        (Remove("house"), Add("house", "red", "left")),
        (Resize("house", "bigger"), Resize("house", "smaller")),
        (SetTime("night"), SetTime("day")),
    ],
)
def test_a_change_can_be_taken_back_in_words(change: Recolour, reverse: Recolour) -> None:
    assert answer(BOTH.after(change), undoing(change, BOTH)).change == reverse
