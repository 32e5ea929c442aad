"""Who asks what is in the picture."""

import pytest

from dialogue_service.describing import NOBODY_TOLD, describing
from dialogue_service.instruction import Answer
from shared.schemas.dialogue import DialogueRequest, ReplyKind

ROOM = "a red house on the left and a small green tree on the right, in a meadow at night"


def asked(text: str, caption: str | None = ROOM, instructions: list[str] | None = None) -> Answer | None:
    request = DialogueRequest(caption=caption, instructions=instructions or [], turns=[], text=text)
    return describing(request, caption or "")


@pytest.mark.parametrize(
    "text",
    [
        "What's in the picture?", "what is in it now", "ok, what can you see?", "what do you see in the image",
        "describe the picture, please", "tell me what's in this photo", "what have we got so far?", "What is there?",
        "what things are there?", "what does the picture show", "Hey! What do we have now?",
    ],
)  # fmt: skip
def test_what_there_is_is_told_as_it_is_now(text: str) -> None:
    told = "There is a red house on the left and a small green tree on the right, in a meadow."
    assert asked(text, instructions=["make it day"]) == Answer(ReplyKind.CHAT, told)


@pytest.mark.parametrize(
    "text",
    [
        "what", "what is it", "what's that", "what is the house's colour", "what do you see in it that could go?",
        "describe the house", "what's in the sky", "put what's in the picture on the beach", "what can you do",
    ],
)  # fmt: skip
def test_other_questions_and_wishes_are_the_models(text: str) -> None:
    assert asked(text) is None


def test_other_captions_are_told_as_they_are() -> None:
    assert asked("what's in it?", "Two dogs on a sofa.") == Answer(ReplyKind.CHAT, "Two dogs on a sofa.")
    assert asked("what's in it?", None) == Answer(ReplyKind.CHAT, NOBODY_TOLD)


@pytest.mark.parametrize(
    ("text", "caption", "told"),
    [
        ("what colour is the house?", ROOM, "The house is red."),
        ("And which color is the tree now?", ROOM, "The tree is green."),
        ("what colour are the dogs", "two brown dogs in front of a white fence", "The dogs are brown."),
        ("What colour is the fence?", "two dogs playing in front of a white fence", "The fence is white."),
        ("what colour is the cat?", ROOM, None),
        ("what colour is the cat?", "a black and white cat on a couch", None),
        ("what colour is the cat?", "a black, white and brown cat", None),
        ("what colour is the cat?", "a red house and a white cat", "The cat is white."),
        ("what colour is the bus?", "a red bus", "The bus is red."),
        ("what colour is the room?", "a dark room", None),
        ("what colour is the fence", "an old fence", None),
        ("what colour should the house be", ROOM, None),
    ],
)
def test_a_colour_that_the_caption_tells_is_told(text: str, caption: str, told: str | None) -> None:
    answer = asked(text, caption)
    assert (answer and answer.text) == told
