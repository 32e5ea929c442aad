"""Draw scenes, and apply explicit instructions to their records, from the command line.

python -m training.datasets.scenes sample --seed 7 --png scene.png --json scene.json
python -m training.datasets.scenes render scene.json --png out.png
python -m training.datasets.scenes edit scene.json "paint the house orange" --json edited.json
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from pathlib import Path

from training.datasets.changes import CannotApply, apply
from training.datasets.drawing import render
from training.datasets.instructions import parse
from training.datasets.world import Scene, caption, sample_scene

EXIT_CANNOT = 2


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit code, 2 where the input or the instruction can't be used."""
    parsed = _parser().parse_args(arguments)
    try:
        parsed.run(parsed)
    except (CannotApply, ValueError, OSError) as error:
        print(f"scenes: {error}", file=sys.stderr)
        return EXIT_CANNOT
    return 0


def edit(scene: Scene, instruction: str) -> Scene:
    """The scene after an explicit instruction; raises CannotApply if it is none, or can't be done here."""
    change = parse(instruction)
    if change is None:
        raise CannotApply(f"'{instruction}' is not an explicit instruction of this world")
    return apply(scene, change)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scenes", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    sample = commands.add_parser("sample", help="draw one random scene and write its record")
    sample.add_argument("--seed", type=int, default=0)
    drawn = commands.add_parser("render", help="draw a record")
    edited = commands.add_parser("edit", help="apply an explicit instruction to a record")
    for command in (drawn, edited):
        command.add_argument("scene", type=Path)
    edited.add_argument("instruction")
    for command, run in ((sample, _sample), (drawn, _render), (edited, _edit)):
        command.add_argument("--png", type=Path, required=command is drawn)
        if command is not drawn:
            command.add_argument("--json", type=Path)
        command.set_defaults(run=run)
    return parser


def _sample(arguments: argparse.Namespace) -> None:
    scene = sample_scene(random.Random(arguments.seed))
    _write(scene, arguments)
    print(caption(scene))


def _render(arguments: argparse.Namespace) -> None:
    render(_read(arguments.scene)).save(arguments.png)


def _edit(arguments: argparse.Namespace) -> None:
    scene = edit(_read(arguments.scene), arguments.instruction)
    _write(scene, arguments)
    print(caption(scene))


def _read(path: Path) -> Scene:
    return Scene.from_json(json.loads(path.read_text()))


def _write(scene: Scene, arguments: argparse.Namespace) -> None:
    if arguments.json:
        arguments.json.write_text(json.dumps(scene.to_json(), indent=2) + "\n")
    if arguments.png:
        render(scene).save(arguments.png)


if __name__ == "__main__":
    sys.exit(main())
