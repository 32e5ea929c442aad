"""`dialogpaint edit`: one explicit instruction, one picture in a file, or a sweep of them in a folder."""

import argparse
from pathlib import Path

from dialogpaint.cli.exits import Exit
from dialogpaint.cli.interrupts import HeldInterrupt, held_interrupt
from dialogpaint.cli.screen import Screen
from dialogpaint.cli.sheet import can_draw_sheets, contact_sheet, plain
from dialogpaint.client import DialogPaint
from dialogpaint.models import Cell, Edit, Parameters, Sample, sweep_of
from dialogpaint.waiting import PATIENCE_S

SAMPLE = "sample:"


class WrongArgument(Exception):
    """An argument can't be used; the text says why."""


def add_edit(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", common: argparse.ArgumentParser) -> None:
    """Describe the command."""
    parser = commands.add_parser("edit", parents=[common], help="carry out one explicit instruction on a picture")
    parser.add_argument("picture", help="a PNG, JPEG or WebP file, or sample:NAME")
    parser.add_argument("instruction", help='such as "make it night"')
    parser.add_argument(
        "-o",
        "--out",
        "--output",
        type=Path,
        required=True,
        help="the PNG to write, several get -1, -2 …; or the folder for the pictures of a sweep",
    )
    parser.add_argument("--wait", type=float, default=PATIENCE_S, help="seconds to wait for it (%(default)g)")
    add_parameters(parser)
    for scale in ("text", "image"):
        parser.add_argument(
            f"--sweep-{scale}",
            type=_scales,
            metavar="A,B,…",
            help=f"one to four {scale} guidance scales to try side by side, nine pictures at most",
        )
    parser.set_defaults(run=run_edit)


def add_parameters(parser: argparse.ArgumentParser) -> None:
    """Describe the parameters of edits."""
    parser.add_argument("--steps", type=int, help="denoising steps, 1 to 100")
    parser.add_argument("--seed", type=int, help="same inputs and seed, same picture")
    parser.add_argument("--count", type=int, help="pictures to make, 1 to 8")
    parser.add_argument("--text-guidance-scale", type=float, help="how strongly the instruction pulls, 1 to 30")
    parser.add_argument("--image-guidance-scale", type=float, help="how strongly the picture holds, 0 to 10")
    parser.add_argument("--fast", action="store_true", help="compute guidance in some steps only: near, not the same")


def parameters_of(wanted: argparse.Namespace) -> Parameters:
    """Return the parameters that were given."""
    given = Parameters()
    if wanted.steps is not None:
        given["steps"] = wanted.steps
    if wanted.seed is not None:
        given["seed"] = wanted.seed
    if wanted.count is not None:
        given["count"] = wanted.count
    if wanted.text_guidance_scale is not None:
        given["text_guidance_scale"] = wanted.text_guidance_scale
    if wanted.image_guidance_scale is not None:
        given["image_guidance_scale"] = wanted.image_guidance_scale
    if wanted.fast:
        given["quality"] = "fast"
    return given


def run_edit(wanted: argparse.Namespace, client: DialogPaint, screen: Screen) -> Exit:
    """Edit, show how far it is, write what came of it; Ctrl-C cancels the edit."""
    parameters = parameters_of(wanted)
    if wanted.sweep_text or wanted.sweep_image:
        parameters["sweep"] = sweep_of(wanted.sweep_text, wanted.sweep_image)
        _check_folder(wanted.out)
    else:
        check_out(wanted.out)
    picture = picture_named(wanted.picture, client)
    image = client.upload(picture) if isinstance(picture, str) else picture
    with held_interrupt() as held:
        edit = client.edit(image, wanted.instruction, wait_s=0, **parameters)
        edit = wait_or_cancel(client, edit, screen, held, wanted.wait)
    files = _written_sweep(wanted.out, edit, screen) if "sweep" in parameters else _written(wanted.out, edit)
    screen.tell({**edit.model_dump(mode="json"), "files": [str(file) for file in files]})
    for file in files:
        screen.say(f"{file}  ({edit.id}, seed {edit.parameters.seed})")
    return Exit.DONE


def wait_or_cancel(
    client: DialogPaint, edit: Edit, screen: Screen, held: HeldInterrupt, wait_s: float = PATIENCE_S
) -> Edit:
    """Return the finished edit; on Ctrl-C, now or held since before the edit began, cancel it and raise the same."""
    try:
        held.let_go()
        return client.wait(edit, wait_s=wait_s, on_event=screen.count)
    except KeyboardInterrupt:
        client.cancel(edit)
        raise
    finally:
        screen.clear()


def picture_named(name: str, client: DialogPaint) -> str | Sample:
    """Return a file's path, or the sample that `sample:NAME` names; raises WrongArgument."""
    if not name.startswith(SAMPLE):
        if not Path(name).is_file():
            raise WrongArgument(f"There is no file {name}.")
        return name
    samples = {sample.name: sample for sample in client.samples()}
    if name.removeprefix(SAMPLE) not in samples:
        raise WrongArgument(f"The server has no {name}; it has {', '.join(samples)}.")
    return samples[name.removeprefix(SAMPLE)]


def _scales(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"write numbers with commas between, such as 3,5,7.5, not {text}") from error


def check_out(out: Path) -> None:
    """Raise WrongArgument unless a PNG can be written there."""
    if out.suffix.lower() != ".png":
        raise WrongArgument(f"The picture is written as PNG, so --out must end in .png: {out}.")
    _check_parent(out)


def _check_folder(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise WrongArgument(f"The pictures of a sweep go into a folder, and {out} is a file.")
    _check_parent(out)


def _check_parent(out: Path) -> None:
    if not out.parent.is_dir():
        raise WrongArgument(f"There is no folder {out.parent}.")


def _written(out: Path, edit: Edit) -> list[Path]:
    """Write the pictures; several get numbers."""
    count = len(edit.pictures)
    names = [out] if count == 1 else [out.with_stem(f"{out.stem}-{number}") for number in range(1, count + 1)]
    return [picture.save(name) for picture, name in zip(edit.pictures, names, strict=True)]


def _name(cell: Cell) -> str:
    return f"text-{plain(cell.text_guidance_scale)}-image-{plain(cell.image_guidance_scale)}.png"


def _written_sweep(folder: Path, edit: Edit, screen: Screen) -> list[Path]:
    """Write each picture under its scales, and the sheet that shows them all."""
    folder.mkdir(exist_ok=True)
    files = [cell.picture.save(folder / _name(cell)) for cell in edit.cells if cell.picture]
    if not can_draw_sheets():
        screen.say("Without Pillow there is no contact sheet: pip install 'dialogpaint-client[terminal]'.")
        return files
    sheet = folder / "sheet.png"
    sheet.write_bytes(contact_sheet(edit))
    return [*files, sheet]
