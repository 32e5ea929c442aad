"""`dialogpaint provenance`: which edits made a picture, by its file alone or by the server's records."""

import argparse
from pathlib import Path

from dialogpaint.cli.editing import WrongArgument
from dialogpaint.cli.exits import Exit
from dialogpaint.cli.screen import Screen
from dialogpaint.client import DialogPaint
from dialogpaint.provenance import Provenance, ProvenanceStep, read_provenance


def add_provenance(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", common: argparse.ArgumentParser
) -> None:
    """Describe the command."""
    parser = commands.add_parser("provenance", parents=[common], help="which edits made a picture")
    parser.add_argument("picture", help="a PNG file, which is read without a server, or the id of a stored picture")
    parser.set_defaults(run=run_provenance)


def run_provenance(wanted: argparse.Namespace, client: DialogPaint, screen: Screen) -> Exit:
    """Print the edits, newest first."""
    if Path(wanted.picture).is_file():
        provenance = read_provenance(wanted.picture)
    elif wanted.picture.startswith("img_"):
        provenance = client.provenance(wanted.picture)
    else:
        raise WrongArgument(f"There is no file {wanted.picture}; the id of a stored picture begins with img_.")
    screen.say("\n".join(provenance_lines(provenance)))
    screen.tell(provenance.model_dump(mode="json"))
    return Exit.DONE


def provenance_lines(provenance: Provenance) -> list[str]:
    """The way back to the first picture, as a person reads it."""
    origin = {"uploaded": "a picture that was uploaded", "sample": "a sample", "unknown": "nothing more is told"}
    return [*(_line(step) for step in provenance.steps), f"  {origin[provenance.origin]}"]


def _line(step: ProvenanceStep) -> str:
    told = "; ".join([*step.prior_instructions, step.instruction])
    where = [f"seed {step.parameters.seed}", step.model or "", step.edit_id or "", "claimed" if step.claimed else ""]
    line = f"  {told}  ({', '.join(part for part in where if part)})"
    return "".join(char if char.isprintable() else " " for char in line)  # a file may hold a terminal's commands
