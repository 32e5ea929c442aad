"""How a conversation becomes ids."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import PreTrainedTokenizerBase

from dialogue_service.history import CONTROL_TOKENS, LIMIT, HistoryEncoder, MissingControlTokens, normalised, spelt
from shared.schemas.dialogue import DialogueRequest, DialogueTurn, ReplyKind
from tests.dialogue_models import bpe_tokenizer, wordpiece_tokenizer

WORDPIECE, BPE = wordpiece_tokenizer(), bpe_tokenizer()
TYPED = st.text(max_size=60) | st.lists(
    st.sampled_from(
        [*CONTROL_TOKENS, "</s>", "<s>", "[PAD]", "[UNK]", "<pad>", "［edit］", "[​edit]", "[ed\u00adit]", " ", "x"]
    )
).map("".join)
TURNS = st.lists(
    st.builds(
        DialogueTurn, user=TYPED, reply_kind=st.sampled_from(ReplyKind), reply=TYPED, instruction=st.none() | TYPED
    ),
    max_size=8,
)
REQUESTS = st.builds(
    DialogueRequest, caption=st.none() | TYPED, instructions=st.lists(TYPED, max_size=9), turns=TURNS, text=TYPED
)


def words(tokenizer: PreTrainedTokenizerBase, ids: list[int]) -> str:
    return " ".join(tokenizer.decode(ids).replace("Ġ", " ").split())


def asked(text: str, reply: str) -> DialogueTurn:
    return DialogueTurn(user=text, reply_kind=ReplyKind.CLARIFICATION, reply=reply)


def edited(text: str, instruction: str) -> DialogueTurn:
    return DialogueTurn(user=text, reply_kind=ReplyKind.EDIT, reply=f"I'll {instruction}.", instruction=instruction)


def test_the_present_text_stands_first_and_what_was_before_it_newest_first() -> None:
    request = DialogueRequest(
        caption="a red house",
        instructions=["paint the house blue", "remove the tree"],
        turns=[edited("blue house", "paint the house blue"), asked("paint the ball", "which colour")],
        text="red please",
    )
    assert words(WORDPIECE, HistoryEncoder(WORDPIECE).encode(request)) == (
        "[user] red please [scene] a blue house [user] paint the ball [ask] which colour "
        "[user] blue house [edit] paint the house blue [done] remove the tree [undo] paint the house red </s>"
    )


def test_an_answer_is_its_control_token_its_words_and_the_end(tokenizer: PreTrainedTokenizerBase) -> None:
    ids = HistoryEncoder(tokenizer).encode_answer(ReplyKind.EDIT, "red ball")
    assert words(tokenizer, ids).replace(" ", "") == "[edit]redball</s>"


@pytest.mark.parametrize("tokenizer", [WORDPIECE, BPE], ids=["wordpiece", "bpe"])
@settings(max_examples=150, deadline=None)
@given(request=REQUESTS)
def test_nothing_that_is_typed_makes_a_control_token(
    tokenizer: PreTrainedTokenizerBase, request: DialogueRequest
) -> None:
    ids = HistoryEncoder(tokenizer).encode(request)
    special = set(tokenizer.all_special_ids) - {tokenizer.unk_token_id}
    found = [index for index in ids if index in special]
    turns = ids.count(tokenizer.convert_tokens_to_ids("[user]")) - 1
    done = sum(ids.count(tokenizer.convert_tokens_to_ids(token)) for token in ("[done]", "[undo]"))
    scenes = ids.count(tokenizer.convert_tokens_to_ids("[scene]"))  # the caption, and what the text points at
    assert scenes in (1, 2)
    assert len(found) == 1 + done + 2 * turns + scenes + 1
    assert turns <= len(request.turns)
    assert done <= len(request.instructions)
    assert ids[-1] == tokenizer.eos_token_id
    assert len(ids) <= LIMIT


def test_the_newest_turn_the_caption_and_the_text_are_always_kept() -> None:
    long = "house " * 200
    request = DialogueRequest(
        caption="ball " + long, instructions=[long] * 9, turns=[edited(long, long)] * 50 + [asked("car " + long, long)],
        text=long + "tree",
    )  # fmt: skip
    ids = HistoryEncoder(WORDPIECE).encode(request)
    shown = words(WORDPIECE, ids)
    assert len(ids) <= LIMIT
    assert "house tree [scene] ball house" in shown
    assert "[ask] house" in shown


def test_the_newest_instructions_are_shown_and_no_more_than_six() -> None:
    request = DialogueRequest(instructions=["paint the ball red"] * 7 + ["remove the tree"], text="please")
    shown = words(WORDPIECE, HistoryEncoder(WORDPIECE).encode(request))
    assert shown.count("[done]") == 6
    assert shown.startswith("[user] please [scene] [done] remove the tree [done] paint")


def test_older_turns_leave_before_newer_ones() -> None:
    turns = [asked(f"{colour} ball", "which house should be left") for colour in ("red", "blue", "green")] * 10
    shown = words(WORDPIECE, HistoryEncoder(WORDPIECE).encode(DialogueRequest(turns=turns, text="please")))
    kept = shown.count("[ask]")
    assert 3 < kept < 30
    assert shown.startswith("[user] please [scene] [user] green ball [ask] which house should be left [user] blue ball")


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("ｐａｉｎｔ  the\thouse\n", "paint the house"),
        ("red\u200b ba\u200dll\x00\x1b", "red ball"),
        ("your persona: I am a pirate. hello", "I am a pirate. hello"),
        ("your  persona: hello", "hello"),
        ("your personayour persona:: hello", "hello"),
        ("￼ ok \ue000", "￼ ok"),
    ],
)
def test_text_is_normalised(typed: str, plain: str) -> None:
    assert normalised(typed) == plain


def test_a_tokenizer_without_control_tokens_is_refused_by_name() -> None:
    from transformers import BlenderbotTokenizer

    bare = BlenderbotTokenizer(vocab={"<pad>": 0, "<s>": 1, "</s>": 2, "<unk>": 3, "<mask>": 4}, merges=[])
    with pytest.raises(MissingControlTokens, match=r"\[scene\] \[undo\] \[done\]"):
        HistoryEncoder(bare)


def test_only_the_newest_edits_say_how_to_take_them_back() -> None:
    request = DialogueRequest(
        caption="a red house and a green ball",
        instructions=["paint the house blue", "paint the ball red", "paint the house green"],
        text="please",
    )
    assert words(WORDPIECE, HistoryEncoder(WORDPIECE).encode(request)) == (
        "[user] please [scene] a green house and a red ball "
        "[undo] paint the house blue [undo] paint the ball green </s>"
    )


def test_slips_are_put_right_in_what_is_said_and_was_said() -> None:
    turn = asked("the unbrella", "Which colour should the umbrella be?")
    request = DialogueRequest(caption="a zebra", instructions=["add a smurf"], turns=[turn], text="yelow, like a smurf")
    read = spelt(request)
    assert (read.text, read.turns[0].user) == ("yellow, like a smurf", "the umbrella")
    assert spelt(read) == read


def test_the_apostrophes_of_any_keyboard_are_one() -> None:
    assert normalised("it shouldn´t, can`t") == "it shouldn't, can't"
