import random

import pytest

from evaluation.user import User
from shared.schemas.dialogue import DialogueReply, ReplyKind
from training.datasets.changes import Add, Change, Recolour, Relight, Remove, Replace, Resize, SetPlace, SetTime
from training.datasets.language.body import load_body
from training.datasets.world import Scene, Thing

SCENE = Scene("meadow", things=(Thing("house", "red", "left"), Thing("tree", "green", "right")))
BLUE = Recolour("house", "blue")
CAT = Add("cat", "white", "middle")
BALL = Replace("tree", "ball", "pink")
SEEDS = range(30)


def asked(text: str, kind: ReplyKind = ReplyKind.CLARIFICATION) -> DialogueReply:
    return DialogueReply(kind=kind, text=text, model="test")


def answers(change: Change, reply: DialogueReply) -> list[str]:
    """What users of many tempers answer."""
    said = []
    for seed in SEEDS:
        user = User(random.Random(seed), SCENE, "train")
        user.wants(change)
        said.append(user.answer(reply.kind, reply.text).lower())
    return said


def mostly(words: tuple[str, ...], texts: list[str]) -> bool:
    """Most texts hold one of the words (some are misspelt or say it otherwise)."""
    return sum(any(word in text for word in words) for text in texts) > 0.7 * len(texts)


def phrases(section: str) -> tuple[str, ...]:
    """What can be said in a section, in lower case."""
    return tuple(phrase.text.lower() for phrase in load_body().of(section, "train"))


@pytest.mark.parametrize(
    ("change", "question", "words"),
    [
        (BLUE, "Which colour should the house be?", ("blue",)),
        (
            BLUE,
            "Which one shall I paint blue: the house or the tree?",
            ("house", "left", "first", "red", "home", "dwelling", "building", "architect", "wall", "isn't", "next to"),
        ),
        (BALL, "What shall I put in place of the tree, for example a cat, a car or a star?", ("ball",)),
        (CAT, "Where shall I put the white cat: middle?", ("middle", "between", "cent")),
        (CAT, "What shall I add, for example a cat, a car or a star?", ("cat",)),
        (Resize("tree", "bigger"), "Shall I make the tree bigger or smaller?", ("big", "large", "grow", "huge")),
        (Relight("darker"), "What shall I change: the house?", ("dark", "dim", "bright", "expos", "light")),
        (SetPlace("beach"), "Where to: the meadow, the beach or the desert?", ("beach",)),
        (SetTime("night"), "Which time of day: day, sunset or night?", ("night", "dark", "midnight", "moon", "star")),
    ],
)  # fmt: skip
def test_a_fitting_question_is_answered(change: Change, question: str, words: tuple[str, ...]) -> None:
    assert mostly(words, answers(change, asked(question)))


@pytest.mark.parametrize(
    "reply",
    [
        asked("Which colour should the tree be?"),
        asked("What shall I add, for example a cat, a car or a star?"),
        asked("Which one shall I remove: the house or the tree?"),
        asked("Hm?"),
        asked("You're welcome!", ReplyKind.CHAT),
    ],
)
def test_after_anything_that_does_not_fit_the_wish_is_said_plainly(reply: DialogueReply) -> None:
    said = answers(BLUE, reply)
    assert mostly(("blue",), said)
    assert mostly(("house", "left", "red", "building", "home", "one"), said)


def test_a_proposal_is_agreed_to_only_if_it_is_the_wish() -> None:
    agreed = answers(BLUE, asked("There is no boat. Shall I paint the house blue?"))
    refused = answers(BLUE, asked("There is no boat. Shall I paint the tree blue?"))
    assert mostly(phrases("answer.yes"), agreed)
    assert mostly(phrases("answer.no"), refused)
    assert not set(agreed) & set(refused)


@pytest.mark.parametrize(
    "change", [BLUE, BALL, CAT, Remove("tree"), Resize("tree", "bigger"), SetPlace("beach"), Relight("darker")]
)
def test_an_opening_never_says_everything(change: Change) -> None:
    for seed in SEEDS:
        user = User(random.Random(seed), SCENE, "train")
        said = user.wants(change).lower()
        told = [word for word in vars(change).values() if str(word) in said]
        assert len(told) < len(vars(change)) or isinstance(change, Remove), said


def test_a_wish_taken_changes_what_the_user_thinks_of() -> None:
    user = User(random.Random(0), SCENE)
    user.wants(Replace("tree", "ball", "pink"))
    user.takes()
    assert user.talk.picture.kinds == ("house", "ball")
    assert user.talk.focus == "ball"
