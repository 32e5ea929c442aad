"""Answers in the making: the same words as transformers' `generate`, whoever else is answered."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import BlenderbotConfig, BlenderbotForConditionalGeneration

from dialogue_service.engine import generate, greedy, load, surprise
from dialogue_service.slots import Said, Slots
from evaluation.strangers import read_turns

VOCABULARY, SOURCE, LONGEST, END = 60, 40, 16, 3.0
MINI = Path(__file__).resolve().parents[3] / "checkpoints" / "mini-dialogue"


def blender(dtype: torch.dtype = torch.float32, **changes: Any) -> BlenderbotForConditionalGeneration:
    """An untrained Blenderbot of two and three layers, with weights so large that its answers differ."""
    torch.manual_seed(0)
    settings = {
        "vocab_size": VOCABULARY, "d_model": 32, "max_position_embeddings": 96,
        "encoder_layers": 2, "decoder_layers": 3,
        "encoder_ffn_dim": 48, "decoder_ffn_dim": 40, "encoder_attention_heads": 4, "decoder_attention_heads": 2,
        "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 1, "init_std": 0.4,
    }  # fmt: skip
    config = BlenderbotConfig(**settings | changes)
    model = BlenderbotForConditionalGeneration(config).to(dtype).eval()
    model.final_logits_bias.normal_().mul_(2)
    model.final_logits_bias[0, 2] = END
    model.generation_config = greedy(config)
    model.generation_config.max_new_tokens = LONGEST
    return model


def some_inputs(count: int, seed: int = 0) -> list[list[int]]:
    """Inputs of all lengths, each with its end."""
    rng = random.Random(seed)
    return [[*(rng.randrange(3, VOCABULARY) for _ in range(rng.randrange(SOURCE))), 2] for _ in range(count)]


def alone(model: BlenderbotForConditionalGeneration, inputs: Sequence[Sequence[int]]) -> list[list[int]]:
    """What transformers generates for each, up to the end."""
    return [generate(model, [said])[0] for said in inputs]


def together(slots: Slots, inputs: Sequence[Sequence[int]], seed: int = 0) -> list[list[int]]:
    """What is answered while others come and go: at every step, none, one or some begin."""
    rng = random.Random(seed)
    waiting = list(enumerate(inputs))
    answers: dict[int, list[int]] = {}
    while waiting or slots.taken:
        joining = min(slots.free, rng.choice((0, 0, 1, 3)), len(waiting))
        if joining:
            slots.join(dict(waiting.pop(0) for _ in range(joining)))
        if slots.taken:
            answers |= {key: said.ids for key, said in slots.step().items()}
    return [answers[key] for key in range(len(inputs))]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"scale_embedding": True, "activation_function": "relu"},
        {"forced_eos_token_id": 2, "encoder_no_repeat_ngram_size": 3},
        {"tie_word_embeddings": False, "encoder_layers": 1, "decoder_attention_heads": 8},
    ],
)
def test_answers_are_what_transformers_generates_one_by_one(changes: dict[str, Any]) -> None:
    model, inputs = blender(**changes), some_inputs(40)
    answers = together(Slots.of(model, 5, SOURCE), inputs)
    assert answers == alone(model, inputs)
    assert len(set(map(tuple, answers))) > 10
    assert len(set(map(len, answers))) > 2


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_narrow_numbers_answer_alone_as_transformers_does(dtype: torch.dtype) -> None:
    model, inputs = blender(dtype=dtype), some_inputs(12)
    pairs = list(zip(together(Slots.of(model, 1, SOURCE), inputs), alone(model, inputs), strict=True))
    # Without oneDNN's own bfloat16 a product's last bit depends on its width, and near ties of random weights with it.
    exact = dtype == torch.float16 or torch.ops.mkldnn._is_mkldnn_bf16_supported()
    assert sum(ours == theirs for ours, theirs in pairs) >= len(pairs) - (0 if exact else 2)


def test_the_mini_answers_in_company_what_it_generates_alone() -> None:
    engine = load(str(MINI), device="cpu", dtype="float32")
    inputs = [engine.history.encode(turn.request) for turn in read_turns()[::6]]
    assert together(Slots.of(engine.model, 8, 128), inputs) == alone(engine.model, inputs)


def test_an_answer_reads_nothing_of_who_had_its_slot_before() -> None:
    model, inputs = blender(), some_inputs(6)
    slots = Slots.of(model, 3, SOURCE)
    for remembered in (slots._own, slots._read):
        remembered.fill_(torch.nan)
    assert together(slots, inputs) == alone(model, inputs)


def test_a_row_whose_numbers_overflow_leaves_its_neighbours_alone() -> None:
    model, inputs = blender(), some_inputs(3)
    slots = Slots.of(model, 3, SOURCE)
    slots.join(dict(enumerate(inputs)))
    slots._read[:, 1] = torch.nan
    answers: dict[int, list[int]] = {}
    while slots.taken:
        answers |= {key: said.ids for key, said in slots.step().items()}
    expected = alone(model, inputs)
    assert (answers[0], answers[2]) == (expected[0], expected[2])


def test_an_answer_comes_with_how_likely_the_model_finds_it() -> None:
    model, inputs = blender(), some_inputs(6)
    slots, found = Slots.of(model, 3, SOURCE), dict[int, Said]()
    waiting = list(enumerate(inputs))
    while waiting or slots.taken:
        slots.join(dict(waiting.pop() for _ in range(min(slots.free, len(waiting)))))
        found |= slots.step()
    for key, said in found.items():
        assert said.log_probability == pytest.approx(-surprise(model, [inputs[key]], [said.ids]), rel=1e-4)


def test_inputs_that_cannot_be_read_change_nothing() -> None:
    model, inputs = blender(), some_inputs(3)
    slots = Slots.of(model, 3, SOURCE)
    slots.join({0: inputs[0]})
    with pytest.raises(IndexError):
        slots.join({1: [VOCABULARY + 1], 2: inputs[2]})
    assert (slots.taken, slots.free) == (1, 2)
    slots.join({1: inputs[1]})
    assert together(slots, []) == []


def test_cleared_slots_are_free() -> None:
    slots = Slots.of(blender(), 3, SOURCE)
    slots.join(dict(enumerate(some_inputs(3))))
    slots.step()
    slots.clear()
    assert (slots.taken, slots.free) == (0, 3)


def test_an_answer_ends_at_the_limit_of_positions() -> None:
    model = blender(max_position_embeddings=10, eos_token_id=2)
    model.generation_config.max_new_tokens = 50
    assert Slots.of(model, 1, 10).room.answer == 10
