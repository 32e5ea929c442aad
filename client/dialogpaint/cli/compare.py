"""`dialogpaint compare`: what changed from one picture to another, in numbers and as a picture."""

import argparse
from pathlib import Path

from dialogpaint.cli.editing import check_out, picture_named
from dialogpaint.cli.exits import Exit
from dialogpaint.cli.screen import Screen
from dialogpaint.client import DialogPaint
from dialogpaint.difference import Difference
from dialogpaint.known import is_image_id
from dialogpaint.models import Image, Sample


def add_compare(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", common: argparse.ArgumentParser
) -> None:
    """Describe the command."""
    parser = commands.add_parser("compare", parents=[common], help="what changed from one picture to another")
    for name in ("before", "after"):
        parser.add_argument(name, help="a PNG, JPEG or WebP file, sample:NAME, or the id of a stored picture")
    parser.add_argument("-o", "--out", type=Path, help="a PNG to write: in grey what it was, in colour what changed")
    parser.set_defaults(run=run_compare)


def run_compare(wanted: argparse.Namespace, client: DialogPaint, screen: Screen) -> Exit:
    """Print the numbers, and write the picture if it is wanted."""
    if wanted.out is not None:
        check_out(wanted.out)
    before, after = (_stored(name, client) for name in (wanted.before, wanted.after))
    difference = client.difference(before, after)
    screen.say(difference_text(difference))
    screen.tell(difference.model_dump(mode="json"))
    if wanted.out is not None:
        screen.say(str(client.difference_picture(before, after).save(wanted.out)))
    return Exit.DONE


def difference_text(difference: Difference) -> str:
    """The numbers as a person reads them."""
    if difference.box is None:
        return "nothing: the pictures are the same"
    box = difference.box
    return (
        f"{difference.changed_share:.1%} of the pixels, by {difference.mean_change:.1f} levels on average and at most "
        f"{difference.largest_change} of 255; PSNR {difference.psnr_db or 0:.1f} dB; "
        f"within {box.width}×{box.height} pixels at ({box.left}, {box.top})"
    )


def _stored(name: str, client: DialogPaint) -> Image | Sample | str:
    """A picture that the server has, or is given."""
    if is_image_id(name):
        return name
    picture = picture_named(name, client)
    return client.upload(picture) if isinstance(picture, str) else picture
