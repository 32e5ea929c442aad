"""A conversation as a person reads it."""

from gateway import examples
from gateway.archives.transcript import heading, turn_text
from shared.schemas.conversation import Conversation
from shared.schemas.turn import Turn


def test_the_pictures_are_in_it() -> None:
    text = heading(Conversation.model_validate(examples.CONVERSATION))
    assert text.startswith("# the house by the tree\n")
    assert "](images/img_4rVd2mXw.png)" in text
    turn = turn_text(Turn.model_validate(examples.TURN))
    assert "> the house, in orange please" in turn
    assert "![paint the house orange](images/img_9sKe.png)" in turn


def test_what_somebody_said_stays_words() -> None:
    said = {**examples.TURN_QUESTION, "text": "<script>\n# no heading"}
    turn = turn_text(Turn.model_validate(said))
    assert "> &lt;script&gt;\n> # no heading" in turn


def test_an_edit_without_a_picture_says_how_it_ended() -> None:
    turn = turn_text(Turn.model_validate({**examples.TURN, "edit": examples.EDIT_CANCELED}))
    assert turn.endswith("*paint the house orange* — canceled\n")
