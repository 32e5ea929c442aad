"""A contact sheet: the pictures of a sweep in one, with its scales along the edges."""

import importlib.util
import io

from dialogpaint.models import Edit

GAP, FONT_SIZE = 8, 14  # pixels
PAPER, INK = "white", "#222222"


def can_draw_sheets() -> bool:
    """Whether Pillow is there, which is an extra."""
    return importlib.util.find_spec("PIL") is not None


def plain(scale: float) -> str:
    """Write a scale so that no two look alike, and whole ones without a point."""
    return str(scale).removesuffix(".0")


def contact_sheet(edit: Edit) -> bytes:
    """Return a PNG of all pictures of a finished sweep: text scales go down, image scales to the right."""
    from PIL import Image, ImageDraw, ImageFont  # the one thing that needs it

    cells = [[Image.open(io.BytesIO(cell.picture.data)) for cell in row if cell.picture] for row in edit.rows]
    font = ImageFont.load_default(FONT_SIZE)
    across_by, down_by = cells[0][0].width + GAP, cells[0][0].height + GAP  # all are of the source's size
    left, top = round(font.getlength("text 00.00")) + 2 * GAP, FONT_SIZE + 2 * GAP
    sheet = Image.new("RGB", (left + len(cells[0]) * across_by, top + len(cells) * down_by), PAPER)
    draw = ImageDraw.Draw(sheet)
    for down, row in enumerate(cells):
        middle = top + down * down_by + (down_by - GAP) // 2
        scale = edit.rows[down][0].text_guidance_scale
        draw.text((left - GAP, middle), f"text {plain(scale)}", fill=INK, font=font, anchor="rm")
        for across, picture in enumerate(row):
            sheet.paste(picture.convert("RGB"), (left + across * across_by, top + down * down_by))
    for across, cell in enumerate(edit.rows[0]):
        centre = left + across * across_by + (across_by - GAP) // 2
        draw.text((centre, top // 2), f"image {plain(cell.image_guidance_scale)}", fill=INK, font=font, anchor="mm")
    file = io.BytesIO()
    sheet.save(file, "PNG")
    return file.getvalue()
