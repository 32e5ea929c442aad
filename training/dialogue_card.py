"""The model card of an exported dialogue model, from the figures of its own run."""

from __future__ import annotations

from dataclasses import dataclass

from transformers import BlenderbotForConditionalGeneration

from training.dialogue_check import Marks
from training.run import took

_CARD = """---
license: apache-2.0
language: en
library_name: transformers
pipeline_tag: text-generation
tags: [image-editing, dialogue, blenderbot]
---

# Mini dialogue model

A {architecture} of {weights:.1f} million weights ({shape}) that talks about one picture:
it asks back until a wish is clear and then states it as one explicit instruction for an image-editing model.
It is a small stand-in of the same architecture for `facebook/blenderbot-400M-distill`, fine-tuned for this task.

## What it reads and says

    [user] text [scene] caption ([scene] what the text points at)? ([user] text ([ask]|[edit]|[chat]) answer)*
        ([undo] instruction | [done] instruction)* </s>

The caption is retold as the picture is now; behind it stands which of its things words of the text fit. `[undo]` says
what takes the last edits back, `[done]` which others the caption does not tell of. What came before stands newest
first. It answers `[ask] question`, `[edit] instruction` or `[chat] small talk`.
The bracketed words are special tokens, which no text of a user can produce. Inputs hold at most {positions} ids.

## How it was made

- Dialogues: drawn afresh at every step by the project's simulator (`training/datasets/dialogues.py`) over the scene
  world; in {random_words:.0%} of them random words stand for things and colours, so that it can copy what it never met.
{photographs}- Word vectors: the embedding table of sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), pruned to
  {vocabulary:,} pieces, centred, scaled to mean norm one, tied, and kept as it is except for the special tokens. Its
  WordPiece is the tokenizer. The encoder starts as that model's layers, carried over to a network that normalises
  before its sublayers, and learns more slowly than the rest; the decoder's last layer starts as a copier.
- {start}{steps:,} steps of {batch_size} examples, AdamW, exponential moving average of the weights; float16.
  All together they took {took} of a processor's one or two cores.
  `python -m training.dialogue --config training/configs/dialogue_mini.yaml` makes it again.

## How well it does

On {count} turns whose phrases the training grammar never produces:

| measure | value |
|---|---|
| right kind of reply | {kind:.1%} |
| right instruction, of the turns that ask for an edit | {instruction:.1%} |
| perplexity of the true answers | {perplexity:.3f} |

`python -m evaluation.dialogue` measures more, by family of edits.

## What it cannot do

It knows the scene world: its things, colours, places, times, weathers and styles. Other things and colours it can
only copy from the caption or from what was said. It sees no pictures, only captions; English only. Turns that lean on
others, and several wishes in one turn, it misses most often. Whether a thing is there at all, and is not so already,
`dialogue_service/sense.py` looks after. It is no general conversation partner and knows no facts.
"""


@dataclass(frozen=True)
class CardFigures:
    """What the card says of the training."""

    steps: int
    base: str | None
    base_steps: int
    seconds: float
    batch_size: int
    random_words: float
    captioned: float
    captions: tuple[str, ...]
    examples: int


def model_card(model: BlenderbotForConditionalGeneration, figures: CardFigures, marks: Marks) -> str:
    """The card as Markdown."""
    config = model.config
    return _CARD.format(
        architecture=type(model).__name__,
        weights=model.num_parameters() / 1e6,
        shape=f"{config.encoder_layers} + {config.decoder_layers} layers, width {config.d_model}",
        positions=config.max_position_embeddings,
        vocabulary=config.vocab_size,
        random_words=figures.random_words,
        photographs=_photographs(figures),
        start=_start(figures),
        steps=figures.steps,
        took=took(figures.seconds),
        batch_size=figures.batch_size,
        count=figures.examples,
        kind=marks.kind,
        instruction=marks.instruction,
        perplexity=marks.perplexity,
    )


def _photographs(figures: CardFigures) -> str:
    """Which captions of photographs were talked about, and how often."""
    if not figures.captions:
        return ""
    named = ", ".join(figures.captions)
    return f"  {figures.captioned:.0%} of the dialogues are about captions of photographs ({named}).\n"


def _start(figures: CardFigures) -> str:
    """Where the steps began, if not at new weights."""
    if figures.base is None:
        return ""
    if figures.base_steps == 0:
        return f"Tuned from `{figures.base}`: "
    return f"{figures.base_steps:,} steps, then from those weights, at a rate that rises and falls again, "
