"""The demo's conversation fits whatever picture it starts from."""

from services.local.script import Say, Undo, script_for, things_in

CAPTION = "a red house on the left and a green tree on the right, in a meadow"


def test_the_things_of_a_caption_are_found_in_order() -> None:
    assert things_in(CAPTION) == ["house", "tree"]


def test_the_conversation_has_a_vague_turn_a_question_four_edits_and_an_undo() -> None:
    lines = script_for(CAPTION)
    assert len([line for line in lines if isinstance(line, Say) and line.instruction]) >= 4
    assert len([line for line in lines if isinstance(line, Say) and not line.instruction]) >= 2
    assert len([line for line in lines if isinstance(line, Undo)]) == 1


def test_nothing_is_painted_in_the_colour_it_has() -> None:
    lines = script_for("an orange car on the left and a purple fish on the right, on a beach")
    said = [line.text for line in lines if isinstance(line, Say)]
    assert "paint the car orange" not in said
    assert "make it purple" not in said
