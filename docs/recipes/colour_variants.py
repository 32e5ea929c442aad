"""One product, several colours: a picture for each, and a contact sheet of all."""

import argparse
import io
import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

from dialogpaint import DialogPaint, Picture

SIDE, GAP, LINE = 192, 12, 24  # pixels


def make_variants(client: DialogPaint, file: Path, thing: str, colours: list[str]) -> dict[str, Picture]:
    """Paint the thing in each colour; the edits share a seed, so that nothing but the colour differs."""
    image = client.upload(file)  # sent once, edited often
    edits = {
        colour: client.edit(image, f"paint the {thing} {colour}", seed=7, wait_s=0) for colour in colours
    }  # all are in the queue before the first is waited for: the server runs them together
    finished = {colour: client.wait(edit) for colour, edit in edits.items()}
    return {colour: edit.pictures[0] for colour, edit in finished.items()}


def draw_sheet(original: Path, variants: dict[str, Picture], columns: int = 4) -> Image.Image:
    """The original and its variants in rows, each with its colour below."""
    shown = {"original": original.read_bytes(), **{colour: picture.data for colour, picture in variants.items()}}
    rows = -(-len(shown) // columns)
    size = (GAP + min(columns, len(shown)) * (SIDE + GAP), GAP + rows * (SIDE + LINE + GAP))
    sheet = Image.new("RGB", size, "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=15)
    for place, (name, data) in enumerate(shown.items()):
        left = GAP + place % columns * (SIDE + GAP)
        top = GAP + place // columns * (SIDE + LINE + GAP)
        with Image.open(io.BytesIO(data)) as picture:
            sheet.paste(ImageOps.contain(picture.convert("RGB"), (SIDE, SIDE)), (left, top))
        draw.text((left + SIDE / 2, top + SIDE + 4), name, "black", font, anchor="ma")
    return sheet


def main() -> int:
    """Read the arguments and do it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("picture", type=Path)
    parser.add_argument("thing", help="what of the picture is for sale, such as car")
    parser.add_argument("colours", nargs="+")
    parser.add_argument("--out", type=Path, default=Path("variants"))
    wanted = parser.parse_args()
    wanted.out.mkdir(parents=True, exist_ok=True)
    with DialogPaint() as client:
        variants = make_variants(client, wanted.picture, wanted.thing, wanted.colours)
    for colour, picture in variants.items():
        print(picture.save(wanted.out / f"{wanted.picture.stem}-{colour}.png"))
    draw_sheet(wanted.picture, variants).save(wanted.out / "sheet.png")
    print(wanted.out / "sheet.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
