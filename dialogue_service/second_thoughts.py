"""What else the model may have meant, where what it says first is so already, or is doubtful.

The likeliest answer is greedy; where the rules find that it would change nothing, or it is not likely to be right, the
next likely ones are looked at, by transformers' beam search. People rarely ask for what there is: of 664 turns of
written dialogues kept from training the rules objected to 41, rightly to 6, and another likely answer was right for 14
more (docs/decisions/0016).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch
from transformers import BlenderbotForConditionalGeneration, GenerationConfig, PreTrainedTokenizerBase

from dialogue_service.history import ControlIds
from dialogue_service.instruction import NOT_UNDERSTOOD, Answer, read_answer

BEAMS = 5
NEAR = 2.5
"""Nats: an answer is likely if it is at most so far behind the likeliest, some twelve times less likely."""


@torch.inference_mode()
def likely_answers(
    model: BlenderbotForConditionalGeneration,
    tokenizer: PreTrainedTokenizerBase,
    control: ControlIds,
    ids: list[int],  # of one input, as `HistoryEncoder.encode` writes it
) -> Iterator[tuple[Answer, float]]:
    """The likely answers to one input that can be understood, likeliest first, with their probabilities."""
    blender: Any = model  # its own annotations reject plain calls of generate
    outputs = blender.generate(
        input_ids=torch.tensor([ids], device=model.device),  # (1, length)
        attention_mask=torch.ones(1, len(ids), dtype=torch.long, device=model.device),
        generation_config=_several(blender.generation_config),
    )
    scores = outputs.sequences_scores.tolist()  # summed over ids, as there is no length penalty
    for row, score in zip(outputs.sequences.tolist(), scores, strict=True):
        answer = read_answer(row[1:], tokenizer, control)
        if scores[0] - score <= NEAR and answer != NOT_UNDERSTOOD:
            yield answer, math.exp(score)


def _several(greedy: GenerationConfig) -> GenerationConfig:
    several = {"num_beams": BEAMS, "num_return_sequences": BEAMS, "length_penalty": 0.0, "early_stopping": False}
    told = {"output_scores": True, "return_dict_in_generate": True}
    return GenerationConfig(**{**greedy.to_dict(), **several, **told})
