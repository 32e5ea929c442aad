"""`make evaluate`: measure both models, write `evaluation/report/`, print the table."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from dialogue_service.engine import load
from editing_service.guidance import GuidanceScales
from editing_service.model import load_model
from evaluation import dialogue, editing, strangers
from evaluation.report import Report


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m evaluation", description=__doc__)
    parser.add_argument("--editing-model", default="checkpoints/mini-editor")
    parser.add_argument("--dialogue-model", default="checkpoints/mini-dialogue")
    parser.add_argument("--edits", type=int, default=300, help="how many edits are judged")
    parser.add_argument("--turns", type=int, default=600, help="how many turns of test dialogues are judged")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, help="denoising steps (default: the model's)")
    parser.add_argument("--text-guidance-scale", type=float)
    parser.add_argument("--image-guidance-scale", type=float)
    parser.add_argument("--output", type=Path, default=Path("evaluation/report"))
    arguments = parser.parse_args()
    report = measure(arguments)
    report.write(arguments.output)
    print(report.table())
    print(f"\nThe report is in {arguments.output}.")


def measure(arguments: argparse.Namespace) -> Report:
    """Run everything with the given models."""
    editor = editing.Editor(load_model(arguments.editing_model))
    settings = editor.settings()
    given_scales = GuidanceScales(
        text=arguments.text_guidance_scale or settings.scales.text,
        image=settings.scales.image if arguments.image_guidance_scale is None else arguments.image_guidance_scale,
    )
    settings = replace(settings, steps=arguments.steps or settings.steps, scales=given_scales)
    results = editing.measure(editor, arguments.edits, settings, arguments.seed)
    decay = editing.conversation_decay(editor, max(1, arguments.edits // 15), settings)
    editor.close()
    engine = load(arguments.dialogue_model)
    talked, _ = dialogue.measure(engine, dialogue.test_turns(arguments.turns))
    answered = strangers.measure(engine, strangers.read_turns())
    return Report(editing.summarise(results), decay, talked, answered, results)


if __name__ == "__main__":
    main()
