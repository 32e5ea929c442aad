"""Which things the words of a turn point at."""

import pytest

from dialogue_service.pointing import MOST, pointed_at

TWO = "a small red house on the left and a big green tree on the right, in a meadow at night"
THREE = "on a beach: a blue car in the middle, a red ball on the right and a red star on the left"


@pytest.mark.parametrize(
    ("text", "caption", "pointed"),
    [
        ("paint the thing on the left pink", TWO, "left house"),
        ("whatever is on the right-hand side", TWO, "right tree"),
        ("the leftmost one in GREEN please", TWO, "left house, green tree"),
        ("what is in the centre?", THREE, "middle car"),
        ("remove the red one", TWO, "red house"),
        ("the first should go, not the second", TWO, "first house, not second house"),
        ("the third one you named", THREE, "third star"),
        ("the bigger of the two", TWO, "big tree"),
        ("that tiny thing", TWO, "small house"),
        ("the building", TWO, "building house"),
        ("the one in between", THREE, "middle car"),
        ("make it night", TWO, ""),
        ("paint the house orange", TWO, ""),
    ],
)
def test_a_word_that_fits_one_thing_points_at_it(text: str, caption: str, pointed: str) -> None:
    assert pointed_at(text, caption) == pointed


@pytest.mark.parametrize(
    ("text", "pointed"),
    [
        ("the one that isn't red", "not red tree"),
        ("remove everything but the small one", "not small tree"),
        ("the thing bigger than the one on the left", "big tree, not left tree"),
        ("paint what isn't a plant in the same red", "not plant house, red house"),
    ],
)
def test_what_is_denied_points_at_the_other_of_two(text: str, pointed: str) -> None:
    assert pointed_at(text, TWO) == pointed
    assert "not" not in pointed_at(text, THREE)


def test_ordinals_count_what_a_question_lists() -> None:
    styles = "Which style: black and white, sepia, a pencil sketch or pixel art?"
    assert pointed_at("the third", TWO, styles) == "third pencil sketch"
    assert pointed_at("the last you said", "", styles) == "last pixel art"
    assert pointed_at("the fifth", TWO, styles) == ""
    assert pointed_at("pink, the sixth", "", "Which: a, b, c, d, e, f, g, h or i?") == "sixth f"
    assert pointed_at("the second one", TWO, "Which one shall I remove: the tree or the house?") == "second house"
    assert pointed_at("the second one", TWO, "Which colour should it be?") == "second tree"
    assert (
        pointed_at("the second", TWO, "What about it: another colour, another size, or remove it?")
        == "second another size"
    )


def test_where_colours_are_compared_named_things_come_with_theirs() -> None:
    assert pointed_at("give the house the colour of the tree", TWO) == "house red, tree green"
    assert pointed_at("remove the house and the tree", TWO) == ""


@pytest.mark.parametrize(
    ("question", "text", "pointed"),
    [
        ("Shall I make the house bigger or smaller?", "the second option", "second smaller"),
        ("What shall I add, for example a cat, an umbrella or a car?", "the second", "second umbrella"),
        ("Where shall I put the red boat: left or right?", "the former", "former left"),
    ],
)
def test_every_form_of_question_offers_something_to_count(question: str, text: str, pointed: str) -> None:
    assert pointed_at(text, "", question) == pointed


@pytest.mark.parametrize(
    ("text", "pointed"),
    [
        ("whatever has a roof should go", "roof house"),
        ("the leafy thing", "leafy tree"),
        ("the cottage with wheels", "cottage house"),
        ("lose the cottage", "cottage house"),
        ("remove the house", ""),
        ("the buildings", "buildings house"),
        ("the titch", "small house"),
        ("the colossus", "big tree"),
    ],
)
def test_what_things_are_have_and_do_points_at_them(text: str, pointed: str) -> None:
    assert pointed_at(text, TWO) == pointed


def test_another_name_for_what_is_not_there_comes_with_the_kind_that_is_drawn() -> None:
    assert pointed_at("put a kitten there, and a yacht", TWO) == "kitten cat, yacht boat"
    assert pointed_at("put a kitten there", "a man on a horse") == ""
    assert pointed_at("more oaks, please", TWO) == "oaks tree"


def test_a_photographs_plural_is_of_its_kind() -> None:
    assert pointed_at("those birds are noisy", "a man feeding pigeons on a bench") == "birds pigeons"


@pytest.mark.parametrize(
    ("text", "pointed"),
    [
        ("make the house look like mud", "mud brown, house red"),
        ("lemon for the house", "lemon yellow"),
        ("a mud-coloured house", "mud brown"),
        ("paint the tree the colour of the sky", "sky blue, tree green"),
        ("i'd like snow", ""),
        ("snow please", ""),
        ("paint it like fresh snow", "snow white"),
        ("paint it like the vast blue sky", "sky blue, big tree"),
        ("paint the house like tree bark", "bark brown, house red, tree green"),
        ("make it look like night", ""),
        ("it looks like rain", ""),
        ("I'd really like some snow", ""),
        ("make it midnight", "midnight night"),
        ("add a crow", "crow bird"),
        ("like a goldfish", "goldfish orange"),
    ],
)
def test_what_everybody_knows_to_have_a_colour_comes_with_it(text: str, pointed: str) -> None:
    assert pointed_at(text, TWO) == pointed


@pytest.mark.parametrize(
    ("text", "pointed"),
    [
        ("we rode camels over the dunes there", "camels desert, dunes desert"),
        ("Same scene at 2 in the morning", "2 in the morning night"),
        ("make it 7:30 pm", "7:30 pm sunset"),
        ("noon, i.e. 12 pm", "noon day, 12 pm day"),
        ("11 at night", "11 at night night"),
        ("as it was at 15:00", "15:00 day"),
        ("give me two hours", ""),
        ("it took 9 hours", ""),
        ("add 2 amazing balloons", ""),
        ("remove the trees", ""),
        ("a christmas tree", ""),
        ("paint the house dark blue", ""),
        ("draw it in graphite", "graphite pencil sketch"),
        ("it's too dark", "dark night"),
    ],
)
def test_words_for_surroundings_come_with_what_they_tell(text: str, pointed: str) -> None:
    assert pointed_at(text, TWO) == pointed


def test_an_answer_to_which_colour_may_be_anything_with_one() -> None:
    assert pointed_at("night", TWO, "Which colour should the house be?") == "night black"


def test_in_photographs_a_word_for_a_colour_is_taken_as_it_is_said() -> None:
    photograph = "a red bus in front of a clock tower"
    assert pointed_at("paint the bus mustard", photograph) == ""
    assert pointed_at("paint the bus like mustard", photograph) == "mustard yellow, bus red"


@pytest.mark.parametrize(
    ("first", "now", "pointed"),
    [
        (TWO, TWO.replace("red", "blue"), "was small red house"),
        (TWO, "a small red house on the left, in a meadow at night", "gone big green tree on the right"),
        (TWO, TWO.replace("a meadow at night", "the snow, raining"), "was meadow, was night, was clear"),
        ("an empty desert", "an empty snowy field", "was desert"),
        ("an empty desert", "a pencil sketch of an empty desert", "was normal"),
        ("a sepia picture of an empty desert", "an empty desert", "was a sepia picture"),
        (TWO, TWO, ""),
        ("", TWO, ""),
    ],
)
def test_who_looks_back_is_told_what_was_otherwise(first: str, now: str, pointed: str) -> None:
    assert pointed_at("like it was at the start", now, first=first) == pointed
    assert pointed_at("go on", now, first=first) == ""


def test_the_newest_instruction_tells_what_is_new_and_what_the_same() -> None:
    assert pointed_at("the new one in black", TWO, last="add a big green tree on the right") == "new tree"
    assert pointed_at("now the tree in the same", TWO, last="paint the house red") == "tree green, same red"
    assert pointed_at("the new one", TWO, last="remove the cat") == ""
    assert pointed_at("the cat the same size", TWO, last="paint the house red") == ""


def test_of_two_of_a_kind_nobody_knows_which_was_how() -> None:
    two = "a red cat on the left and a white cat on the right, in a meadow"
    assert pointed_at("once more", two + " at night", first=two) == "was day"


def test_all_that_have_a_part_are_meant_by_it() -> None:
    assert pointed_at("the thing with wheels", "a bus and a dog on a street") == "wheels bus"
    assert pointed_at("the one with wheels", "a car next to a bus") == ""


def test_what_fits_several_things_points_at_none() -> None:
    assert pointed_at("the red one", THREE) == ""
    assert pointed_at("the big one", THREE) == ""


def test_nothing_stands_quite_on_that_side_so_the_one_furthest_to_it_is_meant() -> None:
    caption = "a cat in the middle and a bird on the right, in the snow"
    assert pointed_at("the one further left", caption) == "leftmost cat"
    assert pointed_at("the one further left", "a cat and a bird") == ""


@pytest.mark.parametrize(
    ("caption", "text", "pointed"),
    [
        ("A red bike is parked outside of a barred window.", "make the red thing blue", "red bike"),
        ("photo of a blue house, a purple car", "the blue one", "blue house"),
        ("my drawing of cat left, dog right", "the right one", "right dog"),
        ("a frobbly wug on the left", "the frobbly one", "frobbly wug"),
        ("a cat in the meadow here", "the meadow", ""),
    ],
)
def test_any_caption_is_read(caption: str, text: str, pointed: str) -> None:
    assert pointed_at(text, caption) == pointed


def test_without_a_caption_there_is_nothing_to_point_at() -> None:
    assert pointed_at("the first one on the left, the big one", "") == ""


def test_little_is_pointed_at() -> None:
    caption = ", ".join(f"a w{number} thing{number}" for number in range(9))
    assert len(pointed_at(" ".join(f"w{number}" for number in range(9)), caption).split(", ")) == MOST
