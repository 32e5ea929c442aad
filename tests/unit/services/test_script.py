"""The demo's conversation fits whatever picture it starts from."""

from services.local.script import Say, Undo, script_for, things_in

CAPTION = "a red house on the left and a green tree on the right, in a meadow"


def test_the_things_of_a_caption_are_found_in_order() -> None:
    assert things_in(CAPTION) == ["house", "tree"]


def test_the_conversation_has_a_vague_turn_a_question_four_edits_and_an_undo() -> None:
    kinds = [line.expect if isinstance(line, Say) else "undo" for line in script_for(CAPTION)]
    assert kinds.count("edit") >= 4
    assert kinds.count("clarification") >= 2
    assert "undo" in kinds
    assert isinstance(script_for(CAPTION)[-2], Undo)


def test_nothing_is_painted_in_the_colour_it_has() -> None:
    lines = script_for("an orange car on the left and a purple fish on the right, on a beach")
    said = [line.text for line in lines if isinstance(line, Say)]
    assert "paint the car orange" not in said
    assert "purple please" not in said
